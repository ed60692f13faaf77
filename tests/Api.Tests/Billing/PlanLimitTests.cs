using System.Net;
using Platform.Data.Seed;

namespace Platform.Api.Tests.Billing;

/// <summary>What a plan includes and how many members a tenant may have, on a database with the plans as they are.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class PlanLimitTests : IAsyncLifetime
{
    private const string Keys = "/api/admin/api-keys", Members = "/api/admin/members";

    private static readonly object Key = new { name = "Machine", scopes = new[] { "contacts:read" } };

    private PlanApi _api = null!;

    public async Task InitializeAsync() => _api = await PlanApi.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Key_is_refused_by_a_plan_without_and_stays_good_after_a_downgrade()
    {
        using var acme = await _api.SignInAsync(DemoAccounts.AcmeAdmin);
        var refused = await (await acme.PostAsync(Keys, Key)).ProblemAsync(402);
        Assert.Equal("api_keys", refused.Text("feature"));
        Assert.Equal((0, 0), await CountAsync(acme, "apiKeys"));

        await _api.ChangePlanAsync(DemoAccounts.Acme, "enterprise");
        var created = await (await acme.PostAsync(Keys, Key)).JsonAsync(HttpStatusCode.Created);
        Assert.Equal(1, (await CountAsync(acme, "apiKeys")).Used);
        Assert.True((await CountAsync(acme, "apiKeys")).Allowed > 1);

        await _api.ChangePlanAsync(DemoAccounts.Acme, "free");
        using var machine = _api.Client(created.Text("key"));
        await (await machine.GetAsync("/api/contacts")).JsonAsync();
        await (await acme.PostAsync(Keys, Key)).ProblemAsync(402);
        Assert.Equal((1, 0), await CountAsync(acme, "apiKeys"));

        Assert.Equal(HttpStatusCode.NoContent, (await acme.DeleteAsync($"{Keys}/{created.Text("id")}")).StatusCode);
        Assert.Equal((0, 0), await CountAsync(acme, "apiKeys"));
    }

    [Fact]
    public async Task Member_beyond_the_seats_is_refused_and_those_there_stay_after_a_downgrade()
    {
        using var acme = await _api.SignInAsync(DemoAccounts.AcmeAdmin);
        // Ten were subscribed to, but the plan has three.
        await _api.ChangePlanAsync(DemoAccounts.Acme, "free");
        Assert.Equal((2, 3), await CountAsync(acme, "seats"));

        var added = await (await AddAsync(acme, "third@acme.example")).JsonAsync(HttpStatusCode.Created);
        Assert.Equal((3, 3), await CountAsync(acme, "seats"));
        var full = await (await AddAsync(acme, "fourth@acme.example")).ProblemAsync(402);
        Assert.Equal(("seats", 3, 3), (full.Text("limit"), full.GetProperty("used").GetInt32(), full.GetProperty("allowed").GetInt32()));
        await (await AddAsync(acme, "third@acme.example")).ProblemAsync(409);

        await _api.ExecuteAsync("UPDATE subscriptions SET seats = 1");
        await _api.ChangePlanAsync(DemoAccounts.Acme, "free");
        Assert.Equal((3, 1), await CountAsync(acme, "seats"));
        using var agent = await _api.SignInAsync(DemoAccounts.AcmeAgent);
        await (await agent.GetAsync("/api/contacts")).JsonAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await acme.DeleteAsync($"{Members}/{added.GetProperty("member").Text("userId")}")).StatusCode);
        await (await AddAsync(acme, "fourth@acme.example")).ProblemAsync(402);
    }

    [Fact]
    public async Task Of_many_at_once_only_as_many_come_in_as_there_are_seats()
    {
        await _api.ExecuteAsync("UPDATE subscriptions SET seats = 4");
        using var acme = await _api.SignInAsync(DemoAccounts.AcmeAdmin);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(async number => (await AddAsync(acme, $"many{number}@acme.example")).StatusCode));

        Assert.Equal((2, 4), (answers.Count(answer => answer == HttpStatusCode.Created), answers.Count(answer => answer == HttpStatusCode.PaymentRequired)));
        Assert.Equal((4, 4), await CountAsync(acme, "seats"));
    }

    private static Task<HttpResponseMessage> AddAsync(HttpClient client, string email) =>
        client.PostAsync(Members, new { email, roles = new[] { "agent" } });

    private static async Task<(int Used, int Allowed)> CountAsync(HttpClient client, string limit)
    {
        var subscription = await (await client.GetAsync("/api/user/subscription")).JsonAsync();
        return (subscription.GetProperty("used").GetProperty(limit).GetInt32(), subscription.GetProperty("limits").GetProperty(limit).GetInt32());
    }
}
