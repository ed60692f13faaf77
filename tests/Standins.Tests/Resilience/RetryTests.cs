using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using static Platform.Standins.Tests.Resilience.ResilientClient;

namespace Platform.Standins.Tests.Resilience;

[Trait("Req", "A2")]
public sealed class RetryTests
{
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
}
