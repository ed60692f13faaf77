using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Timeout;
using static Platform.Standins.Tests.Resilience.ResilientClient;

namespace Platform.Standins.Tests.Resilience;

[Trait("Req", "A2")]
public sealed class StandardResilienceHandlerTests
{
    [Fact]
    public void Defaults_are_the_documented_ones()
    {
        var options = new HttpStandardResilienceOptions();

        Assert.Equal(1_000, options.RateLimiter.DefaultRateLimiterOptions.PermitLimit);
        Assert.Equal(0, options.RateLimiter.DefaultRateLimiterOptions.QueueLimit);
        Assert.Equal(TimeSpan.FromSeconds(30), options.TotalRequestTimeout.Timeout);
        Assert.Equal(3, options.Retry.MaxRetryAttempts);
        Assert.Equal(TimeSpan.FromSeconds(2), options.Retry.Delay);
        Assert.Equal(Polly.DelayBackoffType.Exponential, options.Retry.BackoffType);
        Assert.True(options.Retry.UseJitter);
        Assert.True(options.Retry.ShouldRetryAfterHeader);
        Assert.Equal(0.1, options.CircuitBreaker.FailureRatio);
        Assert.Equal(100, options.CircuitBreaker.MinimumThroughput);
        Assert.Equal(TimeSpan.FromSeconds(30), options.CircuitBreaker.SamplingDuration);
        Assert.Equal(TimeSpan.FromSeconds(5), options.CircuitBreaker.BreakDuration);
        Assert.Equal(TimeSpan.FromSeconds(10), options.AttemptTimeout.Timeout);
    }

    [Fact]
    public async Task Send_attempt_that_takes_too_long_is_retried()
    {
        var first = true;
        await using var server = await HttpServer.StartAsync(async context =>
        {
            if (Interlocked.Exchange(ref first, false))
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await using var services = Client(options => options.AttemptTimeout.Timeout = TimeSpan.FromMilliseconds(300));

        using var response = await Send(services, server, HttpMethod.Get);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(server.Requests >= 2);
    }

    [Fact]
    public async Task Send_longer_than_the_total_timeout_is_rejected()
    {
        await using var server = await HttpServer.StartAsync(context =>
            Task.Delay(Timeout.Infinite, context.RequestAborted).WaitAsync(CancellationToken.None));
        await using var services = Client(options =>
        {
            options.AttemptTimeout.Timeout = TimeSpan.FromMilliseconds(200);
            options.TotalRequestTimeout.Timeout = TimeSpan.FromMilliseconds(300);
        });

        await Assert.ThrowsAsync<TimeoutRejectedException>(() => Send(services, server, HttpMethod.Get));
    }

    [Fact]
    public async Task Send_cancelled_by_the_caller_is_not_retried()
    {
        var arrived = new TaskCompletionSource();
        await using var server = await HttpServer.StartAsync(context =>
        {
            arrived.TrySetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var services = Client();
        using var cancellation = new CancellationTokenSource();

        var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("test");
        var sending = client.GetAsync(server.Address, cancellation.Token);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task Send_circuit_opens_when_too_many_requests_fail()
    {
        await using var server = await HttpServer.StartAsync(500);
        await using var services = Client(FragileCircuit);

        for (var request = 0; request < 2; request++)
            using (await Send(services, server, HttpMethod.Post)) { }

        await Assert.ThrowsAsync<BrokenCircuitException>(() => Send(services, server, HttpMethod.Post));
        Assert.Equal(2, server.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SelectPipelineByAuthority_keeps_one_servers_open_circuit_from_another(bool byAuthority)
    {
        await using var broken = await HttpServer.StartAsync(500);
        await using var sound = await HttpServer.StartAsync(200);
        await using var services = Client(FragileCircuit, pipeline =>
        {
            if (byAuthority)
                pipeline.SelectPipelineByAuthority();
        });

        for (var request = 0; request < 2; request++)
            using (await Send(services, broken, HttpMethod.Post)) { }

        if (!byAuthority)
        {
            await Assert.ThrowsAsync<BrokenCircuitException>(() => Send(services, sound, HttpMethod.Post));
            return;
        }

        using var response = await Send(services, sound, HttpMethod.Post);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Send_more_at_once_than_permitted_is_rejected()
    {
        var arrived = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var server = await HttpServer.StartAsync(context =>
        {
            arrived.TrySetResult();
            return release.Task;
        });
        await using var services = Client(options => options.RateLimiter.DefaultRateLimiterOptions.PermitLimit = 1);

        var first = Send(services, server, HttpMethod.Get);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<RateLimiterRejectedException>(() => Send(services, server, HttpMethod.Get));

        release.SetResult();
        using var response = await first;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Options_that_contradict_each_other_are_rejected()
    {
        await using var server = await HttpServer.StartAsync(200);
        await using var services = Client(options => options.TotalRequestTimeout.Timeout = TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<OptionsValidationException>(() => Send(services, server, HttpMethod.Get));
    }

    [Fact]
    public async Task Client_own_timeout_is_switched_off()
    {
        await using var services = Client();

        var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("test");

        Assert.Equal(Timeout.InfiniteTimeSpan, client.Timeout);
    }

    private static void FragileCircuit(HttpStandardResilienceOptions options)
    {
        options.Retry.DisableForUnsafeHttpMethods();
        options.CircuitBreaker.MinimumThroughput = 2;
    }
}
