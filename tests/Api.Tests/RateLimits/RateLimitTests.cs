using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Platform.Api.Features.RateLimits;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Api.Tests.RateLimits;

[Collection(ApiTests.Name)]
public sealed class RateLimitTests(ApiFixture api)
{
    [Theory, Trait("Req", "E1")]
    [InlineData("free", 100)]
    [InlineData("pro", 500)]
    [InlineData("enterprise", 2000)]
    public async Task Plan_decides_the_limit(string plan, int limit)
    {
        await using var replica = api.StartReplica(new Dictionary<string, string> { ["RateLimit:Timeout"] = "00:00:05" });
        using var client = await api.ClientAsync(replica, NewTenant(), plan);

        using var response = await client.GetAsync("/api/nowhere");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(limit, response.Number("X-RateLimit-Limit"));
        Assert.Equal(limit - 1, response.Number("X-RateLimit-Remaining"));
    }

    [Fact, Trait("Req", "E1")]
    public async Task Flood_over_two_replicas_gets_exactly_the_limit_and_429_problems()
    {
        var settings = RateLimitSettings.With(("RATE_LIMIT_FREE", "20"));
        await using var one = api.StartReplica(settings);
        await using var two = api.StartReplica(settings);
        var tenant = NewTenant();
        using var first = await api.ClientAsync(one, tenant, "free");
        using var second = await api.ClientAsync(two, tenant, "free");
        await Task.WhenAll(first.GetAsync("/api/health"), second.GetAsync("/api/health"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(index =>
            (index % 2 == 0 ? first : second).GetAsync("/api/nowhere")));

        var refused = answers.Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        // One every three seconds comes back.
        Assert.InRange(answers.Length - refused.Count, 20, 21);
        var problem = await refused[0].ProblemAsync(429);
        Assert.Equal("The limit of requests is used up.", problem.Text("detail"));
        Assert.InRange(refused[0].Number("Retry-After"), 1, 3);
        Assert.Equal(0, refused[0].Number("X-RateLimit-Remaining"));
        Assert.InRange(refused[0].Number("X-RateLimit-Reset") - DateTimeOffset.UtcNow.ToUnixTimeSeconds(), 50, 61);
    }

    [Fact, Trait("Req", "E2")]
    public async Task Address_is_blocked_after_its_limit_but_health_and_signed_in_callers_are_not()
    {
        await using var replica = api.StartReplica(RateLimitSettings.With(("RateLimit:Anonymous", "10")));
        using var client = replica.CreateClient();
        var answers = await StatusesAsync(client, 30, "203.0.113.7");

        Assert.Equal(10, answers.Count(status => status == 401));
        Assert.Equal(20, answers.Count(status => status == 429));
        using var refused = await SendAsync(client, "/api/contacts", "203.0.113.7");
        Assert.InRange(refused.Number("Retry-After"), 50, 60);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(client, "/api/health", "203.0.113.7")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(client, "/api/contacts", "203.0.113.8")).StatusCode);
        using var tenant = await api.ClientAsync(replica, NewTenant(), "free");
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(tenant, "/api/nowhere", "203.0.113.7")).StatusCode);
    }

    [Fact, Trait("Req", "E2")]
    public async Task Ipv6_addresses_of_one_network_share_a_budget()
    {
        await using var replica = api.StartReplica(RateLimitSettings.With(("RateLimit:Anonymous", "10")));
        using var client = replica.CreateClient();
        var network = $"2001:db8:{Random.Shared.Next(0x10000):x}:{Random.Shared.Next(0x10000):x}";

        var answers = new List<int>();
        for (var index = 0; index < 20; index++)
            answers.AddRange(await StatusesAsync(client, 1, $"{network}:{index:x}::1"));

        Assert.Equal(10, answers.Count(status => status == 401));
    }

    [Fact, Trait("Req", "E2")]
    public async Task Forwarded_address_from_an_unknown_proxy_counts_for_nothing()
    {
        // The caller's own address, the loopback, is no proxy here.
        await using var replica = api.StartReplica(
            RateLimitSettings.With(("RateLimit:Anonymous", "10")),
            services: services => services.Configure<Microsoft.AspNetCore.Builder.ForwardedHeadersOptions>(options =>
            {
                options.KnownProxies.Clear();
                options.KnownIPNetworks.Clear();
                options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse("198.51.100.0/24"));
            }));
        using var client = replica.CreateClient();

        var answers = new List<int>();
        for (var index = 0; index < 20; index++)
            answers.AddRange(await StatusesAsync(client, 1, $"203.0.113.{index}"));

        Assert.True(answers.Count(status => status == 401) <= 10, "spoofed addresses were believed");
        Assert.Contains(429, answers);
        await ForgetLoopbackAsync(replica);
    }

    [Fact, Trait("Req", "E1")]
    public async Task Expensive_calls_count_for_more_and_have_a_limit_of_their_own()
    {
        await using var replica = api.StartReplica(
            RateLimitSettings.With(("RATE_LIMIT_PRO", "1000"), ("RateLimit:Policies:imports:Limit", "3")));
        using var client = await api.ClientAsync(replica, NewTenant(), "pro", Permissions.ImportsWrite);

        var answers = new List<HttpResponseMessage>();
        for (var index = 0; index < 5; index++)
            answers.Add(await client.PostAsync("/api/imports", null));

        Assert.Equal([415, 415, 415, 429, 429], answers.Select(answer => (int)answer.StatusCode));
        Assert.Equal(995, answers[0].Number("X-RateLimit-Remaining"));
        Assert.Contains("\"imports\";q=3;w=60", answers[0].Headers.GetValues("RateLimit-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("\"imports\";r=2;", answers[0].Headers.GetValues("RateLimit").Single(), StringComparison.Ordinal);
        Assert.Equal(3, answers[4].Number("X-RateLimit-Limit"));
        // What the further limit refused cost nothing of the plan's.
        using var next = await client.GetAsync("/api/nowhere");
        Assert.InRange(next.Number("X-RateLimit-Remaining"), 984, 1000);
    }

    [Fact, Trait("Req", "E2")]
    public async Task Signing_in_has_a_stricter_limit()
    {
        await using var replica = api.StartReplica(RateLimitSettings.With(("RateLimit:Policies:sign-in:Limit", "3")));
        using var client = replica.CreateClient();

        var answers = new List<int>();
        for (var index = 0; index < 5; index++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/auth/login");
            request.Headers.Add("X-Forwarded-For", "203.0.113.99");
            answers.Add((int)(await client.SendAsync(request)).StatusCode);
        }

        Assert.Equal([429, 429], answers[3..]);
        Assert.DoesNotContain(429, answers[..3]);
    }

    [Fact, Trait("Req", "E1")]
    public async Task Operators_have_a_budget_each()
    {
        using var response = await (await api.Operator).GetAsync("/api/auth/me");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        response.AssertLimitHeaders();
    }

    [Fact, Trait("Req", "E1")]
    public async Task Usage_shows_what_is_used_without_counting()
    {
        await using var replica = api.StartReplica(RateLimitSettings.With(("RATE_LIMIT_PRO", "500")));
        var tenant = NewTenant();
        using var client = await api.ClientAsync(replica, tenant, "pro");
        for (var index = 0; index < 10; index++)
            await client.GetAsync("/api/nowhere");

        var usage = replica.Services.GetRequiredService<RateLimitUsage>();
        for (var index = 0; index < 3; index++)
        {
            var used = await usage.GetAsync(new TenantId(tenant), new());
            Assert.Equal(500, used.Limit);
            Assert.InRange(used.Used, 1, 10);
            Assert.Equal(500, used.Used + used.Remaining);
        }
    }

    [Fact, Trait("Req", "E1")]
    public async Task Changed_plan_counts_without_a_new_token()
    {
        var (id, slug) = (Guid.CreateVersion7(), $"plan-{Guid.NewGuid():N}");
        await api.ScalarAsync<Guid>("INSERT INTO tenants (id, slug, name, plan) VALUES ($1, $2, 'Planned', 'enterprise') RETURNING id", id, slug);
        await using var replica = api.StartReplica(RateLimitSettings.With(("RATE_LIMIT_FREE", "100"), ("RATE_LIMIT_ENTERPRISE", "2000")));

        // The token still says free.
        using var client = await api.ClientAsync(replica, id, "free");

        await Eventually.TrueAsync(async () => (await client.GetAsync("/api/nowhere")).Number("X-RateLimit-Limit") == 2000);
    }

    private static Guid NewTenant() => Guid.CreateVersion7();

    private static async Task<List<int>> StatusesAsync(HttpClient client, int count, string address)
    {
        var statuses = new ConcurrentBag<int>();
        await Task.WhenAll(Enumerable.Range(0, count).Select(async _ =>
        {
            using var response = await SendAsync(client, "/api/contacts", address);
            statuses.Add((int)response.StatusCode);
        }));
        return [.. statuses];
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string url, string address)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Add("X-Forwarded-For", address);
        return client.SendAsync(request);
    }

    /// <summary>Other tests come from the loopback too.</summary>
    private static async Task ForgetLoopbackAsync(WebApplicationFactory<Program> replica)
    {
        var redis = replica.Services.GetRequiredService<StackExchange.Redis.IConnectionMultiplexer>().GetDatabase();
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
            await redis.KeyDeleteAsync(RateLimitCaller.Of(address).Key(RateLimitPolicies.Default));
    }
}
