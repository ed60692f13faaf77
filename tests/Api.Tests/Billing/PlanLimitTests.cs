using System.Net;
using System.Net.Http.Json;
using Npgsql;
using Platform.Api.Tests.Auth;
using Platform.Data.Seed;
using Platform.Embedded;
using Platform.Testing;

namespace Platform.Api.Tests.Billing;

/// <summary>What a plan includes and how many members a tenant may have, on a database with the plans as they are.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class PlanLimitTests : IAsyncLifetime
{
    private const string Keys = "/api/admin/api-keys", Members = "/api/admin/members";

    private static readonly object Key = new { name = "Machine", scopes = new[] { "contacts:read" } };

    private TestDatabase _database = null!;
    private RunningGarnet _garnet = null!;
    private ApiReplica _api = null!;

    public async Task InitializeAsync()
    {
        _database = await ApiFixture.CreateDatabaseAsync();
        // Of its own: the plans cached here aren't those of other tests' database.
        _garnet = await EmbeddedGarnet.StartAsync(new EmbeddedGarnetOptions { Ephemeral = true });
        _api = await ApiReplica.StartAsync(
            ApiFixture.AppConnectionStringOf(_database), null, ("ConnectionStrings:redis", _garnet.ConnectionString));
    }

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        await _garnet.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Key_is_refused_by_a_plan_without_and_stays_good_after_a_downgrade()
    {
        using var acme = await SignInAsync(DemoAccounts.AcmeAdmin);
        var refused = await (await acme.PostAsync(Keys, Key)).ProblemAsync(402);
        Assert.Equal("api_keys", refused.Text("feature"));
        Assert.Equal((0, 0), await CountAsync(acme, "apiKeys"));

        await ChangePlanAsync(DemoAccounts.Acme, "enterprise");
        var created = await (await acme.PostAsync(Keys, Key)).JsonAsync(HttpStatusCode.Created);
        Assert.Equal(1, (await CountAsync(acme, "apiKeys")).Used);
        Assert.True((await CountAsync(acme, "apiKeys")).Allowed > 1);

        await ChangePlanAsync(DemoAccounts.Acme, "free");
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
        using var acme = await SignInAsync(DemoAccounts.AcmeAdmin);
        // Ten were subscribed to, but the plan has three.
        await ChangePlanAsync(DemoAccounts.Acme, "free");
        Assert.Equal((2, 3), await CountAsync(acme, "seats"));

        var added = await (await AddAsync(acme, "third@acme.example")).JsonAsync(HttpStatusCode.Created);
        Assert.Equal((3, 3), await CountAsync(acme, "seats"));
        var full = await (await AddAsync(acme, "fourth@acme.example")).ProblemAsync(402);
        Assert.Equal(("seats", 3, 3), (full.Text("limit"), full.GetProperty("used").GetInt32(), full.GetProperty("allowed").GetInt32()));
        await (await AddAsync(acme, "third@acme.example")).ProblemAsync(409);

        await ExecuteAsync("UPDATE subscriptions SET seats = 1");
        await ChangePlanAsync(DemoAccounts.Acme, "free");
        Assert.Equal((3, 1), await CountAsync(acme, "seats"));
        using var agent = await SignInAsync(DemoAccounts.AcmeAgent);
        await (await agent.GetAsync("/api/contacts")).JsonAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await acme.DeleteAsync($"{Members}/{added.GetProperty("member").Text("userId")}")).StatusCode);
        await (await AddAsync(acme, "fourth@acme.example")).ProblemAsync(402);
    }

    [Fact]
    public async Task Of_many_at_once_only_as_many_come_in_as_there_are_seats()
    {
        await ExecuteAsync("UPDATE subscriptions SET seats = 4");
        using var acme = await SignInAsync(DemoAccounts.AcmeAdmin);

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

    private async Task ChangePlanAsync(Guid tenant, string plan)
    {
        using var operators = await SignInAsync(DemoAccounts.Operator);
        Assert.Equal(HttpStatusCode.NoContent, (await operators.PutAsJsonAsync($"/api/operator/tenants/{tenant}/plan", new { plan })).StatusCode);
    }

    private async Task<HttpClient> SignInAsync(string email)
    {
        using var response = await _api.Anonymous.PostAsJsonAsync("/api/auth/login", new { email, password = DemoAccounts.Password });
        return _api.Client((await response.JsonAsync()).Text("accessToken"));
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var admin = NpgsqlDataSource.Create(_database.ConnectionString);
        await using var command = admin.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
