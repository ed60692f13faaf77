using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Platform.Events;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Realtime.Tests;

public sealed class AuthenticationTests
{
    private static readonly TenantId Tenant = RealtimeServer.NewTenant();

    [Fact, Trait("Req", "G1")]
    public async Task Events_with_a_token_that_isnt_the_Apis_is_refused()
    {
        await using var server = await RealtimeServer.StartAsync();
        var api = server.Api;
        var good = api.Token(Tenant);
        var parts = good.Split('.');
        var published = TestApi.NewKey();
        published.KeyId = api.Key.KeyId;
        string?[] bad =
        [
            null,
            "",
            "nonsense",
            "a.b.c",
            $"{parts[0]}.{parts[1]}.",
            $"{parts[0]}.{parts[1]}.{parts[2][..^4]}AAAA",
            // Unsigned: {"alg":"none"}.
            $"eyJhbGciOiJub25lIn0.{parts[1]}.",
            // Signed with a key that isn't published, under its own id and under a published one.
            api.Token(Tenant, key: TestApi.NewKey()),
            api.Token(Tenant, key: published),
            // Signed with the public key as if it were a shared secret.
            api.Token(Tenant, key: new SymmetricSecurityKey(api.Key.ECDsa.ExportSubjectPublicKeyInfo()) { KeyId = api.Key.KeyId }, algorithm: "HS256"),
            api.Token(Tenant, lifetime: TimeSpan.FromMinutes(-1)),
            api.Token(Tenant, issuer: "another"),
            api.Token(Tenant, audience: "another"),
        ];
        using var client = server.Client();
        foreach (var token in bad)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/events");
            if (token is not null)
                request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{token}: {response.StatusCode}");
            await Problems.AssertAsync(response, HttpStatusCode.Unauthorized);
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.First().Scheme);
        }
    }

    [Fact, Trait("Req", "B1")]
    public async Task Events_with_an_operators_token_is_forbidden()
    {
        await using var server = await RealtimeServer.StartAsync();
        using var client = server.Client();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Api.Token(null));
        using var response = await client.GetAsync("/events");
        await Problems.AssertAsync(response, HttpStatusCode.Forbidden);
    }

    [Fact, Trait("Req", "G1")]
    public async Task Events_with_a_ticket_lets_in_once()
    {
        await using var server = await RealtimeServer.StartAsync();
        var ticket = await IssueAsync(server, TimeSpan.FromMinutes(5));

        await using var stream = await EventStreamClient.OpenAsync(server.Address, null, query: $"?ticket={ticket}");
        await server.PublishAsync(Tenant, 1);
        await stream.ReceivedAsync(1);

        using var client = server.Client();
        using var again = await client.GetAsync($"/events?ticket={ticket}");
        await Problems.AssertAsync(again, HttpStatusCode.Unauthorized);
    }

    [Fact, Trait("Req", "I3")]
    public async Task Ticket_of_the_query_is_in_no_log_line_and_no_span()
    {
        var tags = new List<string>();
        using var watcher = new System.Diagnostics.ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref System.Diagnostics.ActivityCreationOptions<System.Diagnostics.ActivityContext> _) =>
                System.Diagnostics.ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                // The test's own client is no part of the service.
                if (span.Source.Name == "System.Net.Http")
                    return;
                lock (tags)
                    tags.Add($"{span.DisplayName} {string.Join(' ', span.TagObjects)}");
            },
        };
        System.Diagnostics.ActivitySource.AddActivityListener(watcher);
        await using var server = await RealtimeServer.StartAsync(new() { ["Logging:LogLevel:Default"] = "Trace" });
        var (first, second) = (await IssueAsync(server, TimeSpan.FromMinutes(5)), await IssueAsync(server, TimeSpan.FromMinutes(5)));

        await using (await EventStreamClient.OpenAsync(server.Address, null, query: $"?ticket={first}"))
        await using (await HubClient.OpenAsync(server.Address, null, $"ticket={second}"))
        {
        }
        using var client = server.Client();
        using var refused = await client.GetAsync($"/events?ticket={first}");
        await Eventually.TrueAsync(() => server.Log.Count(line => line.Contains("AccessLog", StringComparison.Ordinal)) >= 3);

        // The secret part; the front of a ticket is the tenant's id.
        Assert.DoesNotContain(server.Log, line => line.Contains(first[24..], StringComparison.Ordinal) || line.Contains(second[24..], StringComparison.Ordinal));
        lock (tags)
            Assert.DoesNotContain(tags, tag => tag.Contains(first[24..], StringComparison.Ordinal) || tag.Contains(second[24..], StringComparison.Ordinal));
    }

    [Theory, Trait("Req", "G1")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Connections_end_when_the_tenant_is_suspended_or_the_users_sessions_end(bool suspended)
    {
        await using var server = await RealtimeServer.StartAsync();
        var (tenant, user) = (RealtimeServer.NewTenant(), Guid.CreateVersion7());
        await using var mine = await EventStreamClient.OpenAsync(server.Address, server.Api.Token(tenant, user));
        await using var hub = await HubClient.OpenAsync(server.Address, server.Api.Token(tenant, user));
        // Shows nothing but one resource's events, and is ended all the same.
        await using var filtered = await EventStreamClient.OpenAsync(server.Address, server.Api.Token(tenant, user), query: "?channels=job:1");
        await using var colleague = await server.OpenAsync(tenant);
        await using var stranger = await server.OpenAsync(RealtimeServer.NewTenant());

        await server.Events.PublishAsync(tenant, suspended
            ? new TenantEvent(EventTypes.TenantSuspended, default)
            : new TenantEvent(EventTypes.SessionEnded, JsonSerializer.SerializeToElement(new { userId = user }), $"user:{user}"));

        foreach (var client in suspended ? new[] { mine, filtered, colleague } : [mine, filtered])
        {
            Assert.Equal("revoked", (await client.ReceivedAsync("closing")).Data.GetProperty("reason").GetString());
            await client.EndedAsync();
        }
        await Eventually.TrueAsync(() => hub.Ended);
        Assert.Equal(suspended, colleague.Ended);
        Assert.False(stranger.Ended);
    }

    [Fact, Trait("Req", "G1")]
    public async Task Connections_end_when_the_token_expires()
    {
        await using var server = await RealtimeServer.StartAsync();
        await using var stream = await EventStreamClient.OpenAsync(server.Address, server.Api.Token(Tenant, lifetime: TimeSpan.FromSeconds(4)));
        await using var hub = await HubClient.OpenAsync(server.Address, server.Api.Token(Tenant, lifetime: TimeSpan.FromSeconds(4)));
        await using var ticketed = await EventStreamClient.OpenAsync(
            server.Address, null, query: $"?ticket={await IssueAsync(server, TimeSpan.FromSeconds(2))}");

        foreach (var client in new[] { ticketed, stream })
        {
            Assert.Equal("expired", (await client.ReceivedAsync("closing")).Data.GetProperty("reason").GetString());
            await client.EndedAsync();
        }
        await Eventually.TrueAsync(() => hub.Ended);
        Assert.Equal("expired", Assert.Single(hub.Sent("closing")).GetProperty("reason").GetString());
        Assert.True(hub.HasClosed());
    }

    [Fact, Trait("Req", "G1")]
    public async Task Events_with_a_token_of_a_new_key_fetches_the_keys_again_but_not_for_every_unknown_one()
    {
        await using var server = await RealtimeServer.StartAsync(new() { ["Realtime:KeysMinInterval"] = "00:00:00.500" });
        await using (await server.OpenAsync(Tenant))
        {
        }
        Assert.Equal(1, server.Api.Requests);

        server.Api.RotateKey();
        await Eventually.TrueAsync(async () =>
        {
            using var client = server.Client();
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Api.Token(Tenant));
            using var response = await client.GetAsync("/events", HttpCompletionOption.ResponseHeadersRead);
            return response.StatusCode == HttpStatusCode.OK;
        });
        Assert.Equal(2, server.Api.Requests);

        var clock = System.Diagnostics.Stopwatch.StartNew();
        using var forger = server.Client();
        for (var attempt = 0; attempt < 50; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/events");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", server.Api.Token(Tenant, key: TestApi.NewKey()));
            using var response = await forger.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
        Assert.InRange(server.Api.Requests, 2, 3 + (int)(clock.Elapsed / TimeSpan.FromMilliseconds(500)));
    }

    [Fact, Trait("Req", "G1")]
    public async Task Service_starts_without_the_Api_and_lets_in_as_soon_as_it_comes()
    {
        await using var api = new TestApi(PortFinder.FreePort());
        await using var server = await RealtimeServer.StartAsync(api: api);
        using var client = server.Client();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", api.Token(Tenant));
        using (var response = await client.GetAsync("/events"))
        {
            await Problems.AssertAsync(response, HttpStatusCode.ServiceUnavailable);
            Assert.NotNull(response.Headers.RetryAfter);
        }

        await api.StartAsync();
        await Eventually.TrueAsync(async () =>
        {
            using var response = await client.GetAsync("/events", HttpCompletionOption.ResponseHeadersRead);
            return response.StatusCode == HttpStatusCode.OK;
        }, TimeSpan.FromSeconds(30));

        // And goes on with the keys it has when the Api goes away again.
        await api.DisposeAsync();
        await using var stream = await server.OpenAsync(Tenant);
    }

    [Fact]
    public async Task Events_with_a_ticket_while_redis_is_away_is_503()
    {
        await using var server = await RealtimeServer.StartAsync(
            new() { ["Events:Timeout"] = "00:00:00.200" }, redis: $"127.0.0.1:{PortFinder.FreePort()},connectTimeout=500");
        using var client = server.Client();
        using var response = await client.GetAsync($"/events?ticket={new string('B', 64)}");
        await Problems.AssertAsync(response, HttpStatusCode.ServiceUnavailable);
    }

    [Theory, Trait("Req", "G1")]
    [InlineData("https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("http://app.example:8443", HttpStatusCode.Forbidden)]
    [InlineData("https://app.example", HttpStatusCode.OK)]
    [InlineData(null, HttpStatusCode.OK)]
    public async Task Events_checks_the_pages_origin_before_it_spends_the_ticket(string? origin, HttpStatusCode status)
    {
        await using var server = await RealtimeServer.StartAsync(new() { ["Realtime:AllowedOrigins:0"] = "https://app.example" });
        var ticket = await IssueAsync(server, TimeSpan.FromMinutes(5));
        using var client = server.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/events?ticket={ticket}");
        request.Headers.Add("Origin", origin ?? server.Address.GetLeftPart(UriPartial.Authority));
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(status, response.StatusCode);
        if (status == HttpStatusCode.Forbidden)
        {
            await Problems.AssertAsync(response, status);
            Assert.NotNull(await server.Tickets.RedeemAsync(ticket));
        }
        else if (origin is not null)
        {
            Assert.Equal(origin, Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        }
    }

    private static async Task<string> IssueAsync(RealtimeServer server, TimeSpan lifetime) =>
        (await server.Tickets.IssueAsync(new RealtimeIdentity(Tenant, Guid.CreateVersion7(), [Permissions.ContactsRead], DateTimeOffset.UtcNow + lifetime))).Ticket;
}
