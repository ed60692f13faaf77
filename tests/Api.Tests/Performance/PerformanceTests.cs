using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Platform.Api.Features.Auth;
using Platform.Api.Tests.Auth;
using Platform.Data.Seed;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Api.Tests.Performance;

[Collection(ApiTests.Name)]
[Trait("Req", "I4")]
public sealed class PerformanceTests(ApiFixture api)
{
    private const string Url = "/api/admin/performance-metrics";

    [Fact]
    public async Task Answer_has_exactly_these_members()
    {
        using var admin = await ClientAsync(Permissions.MetricsRead);

        var metrics = await (await admin.GetAsync($"{Url}?window=60")).JsonAsync();

        Assert.Equal(["latency", "cache", "sla", "timestamp", "window", "routes"], Names(metrics));
        Assert.Equal(["average", "p50", "p95", "p99", "requests"], Names(metrics.GetProperty("latency")));
        Assert.Equal(["hitRate", "hits", "misses"], Names(metrics.GetProperty("cache")));
        Assert.Equal(["target", "compliance", "slowRequests"], Names(metrics.GetProperty("sla")));
        Assert.Equal(500, metrics.GetProperty("sla").GetProperty("target").GetDouble());
        Assert.Equal(60, metrics.GetProperty("window").GetInt32());
        Assert.InRange(metrics.GetProperty("timestamp").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
        var route = metrics.GetProperty("routes").EnumerateArray().First();
        Assert.Equal(["route", "method", "latency", "cache", "sla"], Names(route));
        Assert.Equal(["hitRate", "hits", "misses"], Names(route.GetProperty("cache")));
        Assert.Equal(["target", "compliance", "slowRequests"], Names(route.GetProperty("sla")));
        Assert.Equal(["average", "p50", "p95", "p99", "requests"], Names(route.GetProperty("latency")));
    }

    [Fact]
    public async Task Requests_of_all_replicas_are_there_at_once()
    {
        await using var replica = api.StartReplica(RateLimitSettings.Ample);
        using var other = new HttpClient { BaseAddress = replica.ClientOptions.BaseAddress };
        using var admin = await ClientAsync(Permissions.MetricsRead);
        var before = await RequestsAsync(admin, "/openapi/{documentName}.json");

        for (var index = 0; index < 4; index++)
        {
            await api.Anonymous.GetAsync("/openapi/v1.json");
            await other.GetAsync("/openapi/v1.json");
        }

        await Eventually.TrueAsync(async () => await RequestsAsync(admin, "/openapi/{documentName}.json") >= before + 8);
    }

    [Theory]
    [InlineData("?window=0")]
    [InlineData("?window=61")]
    [InlineData("?window=x")]
    public async Task Window_beyond_an_hour_is_a_400(string query)
    {
        using var admin = await ClientAsync(Permissions.MetricsRead);

        await (await admin.GetAsync(Url + query)).ProblemAsync(400);
    }

    [Fact]
    public async Task Only_who_may_read_metrics_and_operators_get_them()
    {
        using var reader = await ClientAsync(Permissions.ContactsRead);

        await (await reader.GetAsync(Url)).ProblemAsync(403);
        await (await api.Anonymous.GetAsync(Url)).ProblemAsync(401);
        Assert.Equal(HttpStatusCode.OK, (await (await api.Operator).GetAsync(Url)).StatusCode);
    }

    [Fact]
    public async Task Without_redis_the_answer_says_that_it_is_one_replicas()
    {
        await using var replica = api.StartReplica(RateLimitSettings.With(("RateLimit:Timeout", "00:00:00.100")), $"127.0.0.1:{PortFinder.FreePort()},abortConnect=false,connectTimeout=200");
        using var admin = await ClientAsync(Permissions.MetricsRead);
        using var client = new HttpClient { BaseAddress = replica.ClientOptions.BaseAddress };
        client.DefaultRequestHeaders.Authorization = admin.DefaultRequestHeaders.Authorization;

        var metrics = await (await client.GetAsync(Url)).JsonAsync();

        Assert.Equal("local", metrics.Text("source"));
    }

    [Fact]
    public async Task Long_poll_is_no_slow_request()
    {
        using var admin = await ClientAsync(Permissions.MetricsRead, Permissions.JobsRead);
        using var form = new MultipartFormDataContent { { new ByteArrayContent("name,email\n"u8.ToArray()), "file", "acme.csv" } };
        var import = await (await (await api.Acme).PostAsync("/api/imports", form)).JsonAsync(HttpStatusCode.Accepted);
        var job = import.Text("jobId");
        var before = await RequestsAsync(admin, "/api/jobs/{id:guid}/status");

        // No worker runs: it waits all the time it was given.
        var clock = Stopwatch.StartNew();
        await (await admin.GetAsync($"/api/jobs/{job}/status?wait=1")).JsonAsync();
        Assert.True(clock.Elapsed > TimeSpan.FromSeconds(0.9));
        await (await admin.GetAsync($"/api/jobs/{job}/status")).JsonAsync();

        await Eventually.TrueAsync(async () => await RequestsAsync(admin, "/api/jobs/{id:guid}/status") == before + 1);
    }

    private static string[] Names(JsonElement element) => [.. element.EnumerateObject().Select(member => member.Name)];

    private static async Task<long> RequestsAsync(HttpClient client, string route)
    {
        var metrics = await (await client.GetAsync(Url)).JsonAsync();
        return metrics.GetProperty("routes").EnumerateArray().Where(entry => entry.Text("route") == route)
            .Sum(entry => entry.GetProperty("latency").GetProperty("requests").GetInt64());
    }

    private async Task<HttpClient> ClientAsync(params string[] permissions)
    {
        var account = new Account(
            Guid.NewGuid(), "metrics@acme.example", "Metrics", IsOperator: false, Disabled: false,
            DemoAccounts.Acme, "acme", "pro", Suspended: false, ["role"], permissions);
        return api.CreateClient(await api.TokenAsync(api.Services, account));
    }
}
