using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Platform.ServiceDefaults.Tests;

[Trait("Req", "A2")]
public sealed class HttpDefaultsTests
{
    [Fact]
    public async Task Client_finds_a_service_by_its_name()
    {
        await using var api = await TestApp.StartAsync(map: app => app.MapGet("/hello", () => "hello from api"));
        await using var web = await TestApp.StartAsync(settings: ("services:api:http:0", api.Client.BaseAddress!.AbsoluteUri));

        var client = web.App.Services.GetRequiredService<IHttpClientFactory>().CreateClient();

        Assert.Equal("hello from api", await client.GetStringAsync("http://api/hello"));
        Assert.Equal("hello from api", await client.GetStringAsync("https+http://api/hello"));
    }

    [Theory]
    [InlineData("GET", 2, HttpStatusCode.OK)]
    [InlineData("POST", 1, HttpStatusCode.ServiceUnavailable)]
    public async Task Client_repeats_reads_after_a_failure_but_never_writes(string method, int requests, HttpStatusCode status)
    {
        var seen = 0;
        await using var api = await TestApp.StartAsync(map: app => app.Map("/work", (HttpContext context) =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref seen) == 1 ? 503 : 200;
            context.Response.Headers.RetryAfter = "0";
        }));
        await using var web = await TestApp.StartAsync(settings: ("services:api:http:0", api.Client.BaseAddress!.AbsoluteUri));
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://api/work");

        using var response = await web.App.Services.GetRequiredService<IHttpClientFactory>().CreateClient("typed").SendAsync(request);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(requests, seen);
    }

    [Fact]
    public async Task Server_limits_are_set_and_can_be_configured()
    {
        await using var defaults = await TestApp.StartAsync();
        await using var configured = await TestApp.StartAsync(settings: ("Kestrel:Limits:MaxRequestBodySize", "1000"));

        var server = defaults.App.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;
        Assert.False(server.AddServerHeader);
        Assert.Equal(4 * 1024 * 1024, server.Limits.MaxRequestBodySize);
        Assert.Equal(TimeSpan.FromSeconds(15), server.Limits.RequestHeadersTimeout);
        Assert.Equal(1000, configured.App.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.MaxRequestBodySize);
    }
}
