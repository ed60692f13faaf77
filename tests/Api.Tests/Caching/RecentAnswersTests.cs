using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Platform.Api.Features.Auth;
using Platform.Api.Tests.Auth;
using Platform.Data.Seed;
using Platform.Tenancy;

namespace Platform.Api.Tests.Caching;

/// <summary>The short way gives what the long one would, and only as long as the long one would give it.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "C1")]
[Trait("Req", "B1")]
public sealed class RecentAnswersTests(ApiFixture api) : IDisposable
{
    private const string Events = "/api/events?limit=3";

    private readonly ShortWay _shortWay = new();

    [Fact]
    public async Task Third_request_takes_the_short_way_and_looks_like_the_second()
    {
        await using var replica = await StartAsync();
        using var client = await SignInAsync(replica, await api.AddUserAsync(DemoAccounts.Acme, Permissions.EventsRead));
        using var first = await client.GetAsync(Events);
        using var second = await client.GetAsync(Events);
        var before = _shortWay.Count;

        using var third = await client.GetAsync(Events);

        Assert.Equal(before + 1, _shortWay.Count);
        Assert.Equal(await second.Content.ReadAsStringAsync(), await third.Content.ReadAsStringAsync());
        Assert.Equal(Names(second), Names(third));
        Assert.Equal("true", third.Headers.GetValues("X-Cache-Hit").Single());
        Assert.Equal(second.Headers.ETag, third.Headers.ETag);
    }

    [Fact]
    public async Task Permission_taken_away_ends_it()
    {
        await using var replica = await StartAsync();
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.EventsRead);
        using var client = await SignInAsync(replica, user);
        await WarmAsync(client);

        await api.SetPermissionsAsync(user);
        await replica.Services.GetRequiredService<IPermissionChanges>().ChangedAsync(user.Tenant, user.Id);

        await (await client.GetAsync(Events)).ProblemAsync(403);
    }

    [Fact]
    public async Task Session_that_was_ended_ends_it()
    {
        await using var replica = await StartAsync();
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.EventsRead);
        using var anonymous = replica.Client();
        var tokens = await (await anonymous.PostAsync("/api/auth/login", new { email = user.Email, password = DemoAccounts.Password })).JsonAsync();
        using var client = replica.Client(tokens.Text("accessToken"));
        await WarmAsync(client);

        using var logout = await anonymous.PostAsync("/api/auth/logout", new { refreshToken = tokens.Text("refreshToken") });
        Assert.Equal(HttpStatusCode.NoContent, logout.StatusCode);

        await (await client.GetAsync(Events)).ProblemAsync(401);
    }

    [Fact]
    [Trait("Req", "C2")]
    public async Task Change_of_the_data_ends_it()
    {
        await using var replica = await StartAsync();
        using var client = await SignInAsync(replica, await api.AddUserAsync(DemoAccounts.Acme, Permissions.EventsRead, Permissions.EventsWrite));
        await WarmAsync(client);
        var latest = new DateTimeOffset(2090, 1, 1, 0, 0, 0, TimeSpan.Zero).AddHours(Random.Shared.Next(10_000));

        var created = await client.CreateAsync("/api/events", Bookings.Body(await Bookings.ProfessionalAsync(api), latest));

        var page = await (await client.GetAsync("/api/events?limit=3")).JsonAsync();
        Assert.Contains(page.GetProperty("data").EnumerateArray(), row => row.Text("id") == created.Text("id"));
    }

    [Fact]
    public async Task Other_tenant_with_the_same_address_gets_its_own()
    {
        await using var replica = await StartAsync();
        using var acme = await SignInAsync(replica, await api.AddUserAsync(DemoAccounts.Acme, Permissions.EventsRead));
        using var globex = await SignInAsync(replica, await api.AddUserAsync(DemoAccounts.Globex, Permissions.EventsRead));
        await WarmAsync(acme);
        await WarmAsync(globex);

        var theirs = await (await acme.GetAsync(Events)).JsonAsync();
        var ours = await (await globex.GetAsync(Events)).JsonAsync();

        Assert.Empty(Ids(theirs).Intersect(Ids(ours)));
        using var cut = replica.Client((acme.DefaultRequestHeaders.Authorization!.Parameter ?? "")[..^2]);
        await (await cut.GetAsync(Events)).ProblemAsync(401);
    }

    public void Dispose() => _shortWay.Dispose();

    private static IEnumerable<string> Ids(System.Text.Json.JsonElement page) =>
        page.GetProperty("data").EnumerateArray().Select(row => row.Text("id"));

    private static IEnumerable<string> Names(HttpResponseMessage response) =>
        response.Headers.Concat(response.Content.Headers).Select(header => header.Key).Order();

    private async Task WarmAsync(HttpClient client)
    {
        var before = _shortWay.Count;
        for (var request = 0; request < 3; request++)
            await (await client.GetAsync(Events)).JsonAsync();
        Assert.True(_shortWay.Count > before, "No request took the short way.");
    }

    /// <summary>Without a limit, so that it is sure which way a request takes; with one, see <c>RateLeaseTests</c>.</summary>
    private Task<ApiReplica> StartAsync() => ApiReplica.StartAsync(api.AppConnectionString, null, ("RateLimit:Enabled", "false"));

    private static async Task<HttpClient> SignInAsync(ApiReplica replica, TestUser user)
    {
        using var anonymous = replica.Client();
        var answer = await anonymous.PostAsync("/api/auth/login", new { email = user.Email, password = DemoAccounts.Password });
        return replica.Client((await answer.JsonAsync()).Text("accessToken"));
    }

    private sealed class ShortWay : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _count;

        public ShortWay()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "recent_answers_total")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref _count, count));
            _listener.Start();
        }

        public long Count => Interlocked.Read(ref _count);

        public void Dispose() => _listener.Dispose();
    }
}
