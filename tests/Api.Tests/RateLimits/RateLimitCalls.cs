using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.Testing;
using Platform.Api.Features.Auth;
using Platform.Api.Tests.Auth;

namespace Platform.Api.Tests.RateLimits;

/// <summary>What the tests of the limits have in common.</summary>
internal static partial class RateLimitCalls
{
    /// <summary>Somebody of a tenant the database need not know.</summary>
    public static async Task<HttpClient> ClientAsync(
        this ApiFixture api, WebApplicationFactory<Program> replica, Guid tenant, string plan, params string[] permissions)
    {
        var account = new Account(
            Guid.NewGuid(), "somebody@limits.example", "Somebody", IsOperator: false, Disabled: false,
            tenant, "limits", plan, Suspended: false, ["role"], permissions);
        var token = await api.TokenAsync(replica.Services, account);
        var client = new HttpClient { BaseAddress = replica.ClientOptions.BaseAddress };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    public static long Number(this HttpResponseMessage response, string header) =>
        long.Parse(response.Headers.GetValues(header).Single(), CultureInfo.InvariantCulture);

    /// <summary>All five headers of the caller's own limit, and that they agree.</summary>
    public static void AssertLimitHeaders(this HttpResponseMessage response)
    {
        var limit = response.Number("X-RateLimit-Limit");
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Assert.InRange(response.Number("X-RateLimit-Remaining"), 0, limit);
        Assert.InRange(response.Number("X-RateLimit-Reset"), now - 10, now + 61);
        Assert.Matches(Standard(), response.Headers.GetValues("RateLimit").Single());
        Assert.Equal($"\"default\";q={limit};w=60", response.Headers.GetValues("RateLimit-Policy").Single());
    }

    [GeneratedRegex("^\"default\";r=[0-9]+;t=[0-9]+$")]
    private static partial Regex Standard();
}
