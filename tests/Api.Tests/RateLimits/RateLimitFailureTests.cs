using System.Diagnostics;
using System.Net;
using System.Security.Claims;
using Microsoft.Extensions.DependencyInjection;
using Platform.Api.Features.RateLimits;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Api.Tests.RateLimits;

[Collection(ApiTests.Name)]
public sealed class RateLimitFailureTests(ApiFixture api)
{
    [Fact, Trait("Req", "E4")]
    public async Task Redis_killed_in_the_middle_costs_no_request_and_no_headers_and_the_count_is_shared_again_afterwards()
    {
        var garnet = await GarnetServer.GetAsync();
        await using var proxy = new Proxy(garnet.Port);
        // A minute's requests, one of which comes back every six seconds.
        var settings = RateLimitSettings.With(("RATE_LIMIT_PRO", "10"), ("RateLimit:Timeout", "00:00:01"));
        await using var replica = api.StartReplica(
            settings, garnet.ConnectionString.Replace($":{garnet.Port},", $":{proxy.Port},", StringComparison.Ordinal));
        await using var other = api.StartReplica(settings);
        var tenant = new TenantId(Guid.CreateVersion7());
        using var client = await api.ClientAsync(replica, tenant.Value, "pro", "contacts:read");
        for (var index = 0; index < 3; index++)
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/api/nowhere")).StatusCode);

        proxy.Cut();
        var clock = Stopwatch.StartNew();
        var answers = new List<HttpResponseMessage>();
        for (var index = 0; index < 20; index++)
            answers.Add(await client.GetAsync("/api/nowhere"));

        // What was used before stays used.
        Assert.All(answers[..6], answer => Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode));
        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.All(answers, answer => answer.AssertLimitHeaders());
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"20 requests took {clock.Elapsed}");

        proxy.Mend();
        var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim(PlatformClaims.Plan, "pro")]));
        var usage = other.Services.GetRequiredService<RateLimitUsage>();
        await Eventually.TrueAsync(async () =>
        {
            using var _ = await client.GetAsync("/api/nowhere");
            // More than the three of before: the first replica counts in Redis again.
            return (await usage.GetAsync(tenant, user)).Remaining == 0;
        }, TimeSpan.FromSeconds(60));
    }

    [Fact, Trait("Req", "E3")]
    public async Task Failed_request_carries_all_headers_too()
    {
        await using var replica = api.StartReplica(
            RateLimitSettings.With(("RateLimit:Timeout", "00:00:00.100")),
            $"127.0.0.1:{PortFinder.FreePort()},abortConnect=false,connectTimeout=200");
        using var client = new HttpClient { BaseAddress = replica.ClientOptions.BaseAddress };
        client.DefaultRequestHeaders.Authorization = (await api.Acme).DefaultRequestHeaders.Authorization;

        // Tickets live in Redis: without it an exception is thrown, whose handler clears what headers there are.
        using var response = await client.PostAsync("/api/realtime/ticket", null);

        await response.ProblemAsync(503);
        response.AssertLimitHeaders();
        Assert.True(response.Headers.Contains("X-Response-Time"));
        Assert.NotNull(response.Headers.RetryAfter);
    }
}
