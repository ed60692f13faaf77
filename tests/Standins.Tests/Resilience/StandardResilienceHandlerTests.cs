using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Timeout;

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

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(408)]
    [InlineData(429)]
    public async Task Send_transient_status_is_retried_three_times(int status)
    {
        await using var server = await HttpServer.StartAsync(status);
        await using var services = Client();

        using var response = await Send(services, server, HttpMethod.Get);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(4, server.Requests);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(304)]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(409)]
    public async Task Send_other_status_is_not_retried(int status)
    {
        await using var server = await HttpServer.StartAsync(status);
        await using var services = Client();

        using var response = await Send(services, server, HttpMethod.Get);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task Send_refused_connection_is_retried_and_reported()
    {
        var server = await HttpServer.StartAsync(200);
        var address = server.Address;
        await server.DisposeAsync();
        var retries = 0;
        await using var services = Client(options => options.Retry.OnRetry = _ =>
        {
            retries++;
            return default;
        });

        var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("test");
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(address));

        Assert.Equal(3, retries);
    }

    [Fact]
    public async Task Send_success_after_a_failure_carries_the_body_again()
    {
        var bodies = new List<string>();
        await using var server = await HttpServer.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            bodies.Add(await reader.ReadToEndAsync());
            context.Response.StatusCode = bodies.Count == 1 ? 503 : 200;
        });
        await using var services = Client();

        using var response = await Send(services, server, HttpMethod.Post, "contents");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["contents", "contents"], bodies);
    }

    [Theory]
    [InlineData("POST", 1)]
    [InlineData("PUT", 1)]
    [InlineData("PATCH", 1)]
    [InlineData("DELETE", 1)]
    [InlineData("GET", 4)]
    [InlineData("HEAD", 4)]
    public async Task DisableForUnsafeHttpMethods_leaves_only_safe_methods_retried(string method, int requests)
    {
        await using var server = await HttpServer.StartAsync(503);
        await using var services = Client(options => options.Retry.DisableForUnsafeHttpMethods());

        using var response = await Send(services, server, new HttpMethod(method));

        Assert.Equal(requests, server.Requests);
    }

    [Fact]
    public async Task DisableFor_switches_off_the_named_methods_only()
    {
        await using var server = await HttpServer.StartAsync(503);
        await using var services = Client(options => options.Retry.DisableFor(HttpMethod.Post));

        using var post = await Send(services, server, HttpMethod.Post);
        Assert.Equal(1, server.Requests);

        using var delete = await Send(services, server, HttpMethod.Delete);
        Assert.Equal(5, server.Requests);
    }

    [Fact]
    public async Task Send_retry_waits_as_long_as_RetryAfter_says()
    {
        await using var server = await HttpServer.StartAsync(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "1";
            return Task.CompletedTask;
        });
        await using var services = Client(options => options.Retry.MaxRetryAttempts = 1);
        var clock = Stopwatch.StartNew();

        using var response = await Send(services, server, HttpMethod.Get);

        Assert.Equal(2, server.Requests);
        Assert.True(clock.Elapsed >= TimeSpan.FromSeconds(0.95), $"waited {clock.Elapsed}");
    }

    [Fact]
    public async Task Send_RetryAfter_is_ignored_when_switched_off()
    {
        await using var server = await HttpServer.StartAsync(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "3600";
            return Task.CompletedTask;
        });
        await using var services = Client(options => options.Retry.ShouldRetryAfterHeader = false);

        using var response = await Send(services, server, HttpMethod.Get);

        Assert.Equal(4, server.Requests);
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

    private static ServiceProvider Client(
        Action<HttpStandardResilienceOptions>? configure = null,
        Action<IHttpStandardResiliencePipelineBuilder>? pipeline = null)
    {
        var services = new ServiceCollection();
        var builder = services.AddHttpClient("test").AddStandardResilienceHandler(options =>
        {
            options.Retry.Delay = TimeSpan.FromMilliseconds(1);
            configure?.Invoke(options);
        });
        pipeline?.Invoke(builder);
        return services.BuildServiceProvider();
    }

    private static async Task<HttpResponseMessage> Send(IServiceProvider services, HttpServer server, HttpMethod method, string? body = null)
    {
        var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("test");
        using var request = new HttpRequestMessage(method, server.Address);
        if (body is not null)
            request.Content = new StringContent(body);
        return await client.SendAsync(request);
    }
}
