using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Platform.Data.Seed;

namespace Platform.Api.Tests.Placement;

/// <summary>What operators decide for a placed tenant's jobs holds where those are.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "B5")]
[Trait("Req", "F8")]
public sealed class PlacedJobLimitTests(ApiFixture api) : IAsyncLifetime
{
    private const string Url = "/api/admin/jobs";

    private static readonly string Limit = $"{Url}/queues/campaigns/limit?tenant={DemoAccounts.Globex}";

    private PlacedTenant _placed = null!;

    public async Task InitializeAsync() => _placed = await PlacedTenant.StartAsync();

    public Task DisposeAsync() => _placed.DisposeAsync().AsTask();

    [Fact]
    public async Task Limit_is_set_changed_and_lifted_in_the_tenants_own_database()
    {
        using var operators = _placed.Replica.Client(await _placed.LoginAsync(DemoAccounts.Operator));

        Assert.Equal(HttpStatusCode.NoContent, (await operators.PutAsJsonAsync(Limit, new { permits = 5, perSeconds = 2 })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await operators.PutAsJsonAsync(Limit, new { permits = 7, perSeconds = 2 })).StatusCode);

        Assert.Equal("7 true", await ScalarAsync(_placed.Own, "SELECT concat(l.permits, ' ', q.limited::text) FROM jobs.rate_limits l JOIN jobs.queues q ON q.name = l.queue"));
        Assert.Equal("0", await ScalarAsync(_placed.Common, "SELECT count(*)::text FROM jobs.rate_limits"));
        var shown = (await (await _placed.Client.GetAsync($"{Url}/queues")).JsonAsync()).GetProperty("queues").EnumerateArray()
            .Single(queue => queue.Text("name") == "campaigns").GetProperty("limits").EnumerateArray().Single();
        Assert.Equal((DemoAccounts.Globex.ToString(), 7), (shown.Text("tenant"), shown.GetProperty("permits").GetInt32()));
        Assert.Equal("2", await ScalarAsync(
            _placed.Common, $"SELECT count(*)::text FROM operator_audit WHERE action = 'jobs.limit' AND detail ->> 'tenant' = '{DemoAccounts.Globex}'"));

        Assert.Equal(HttpStatusCode.NoContent, (await operators.DeleteAsync(new Uri(Limit, UriKind.Relative))).StatusCode);
        Assert.Equal("0", await ScalarAsync(_placed.Own, "SELECT count(*)::text FROM jobs.rate_limits"));
        await (await _placed.Client.PutAsJsonAsync(Limit, new { permits = 5, perSeconds = 2 })).ProblemAsync(403);
    }

    [Fact]
    public async Task Pause_of_the_tenant_is_set_in_its_own_database()
    {
        using var operators = _placed.Replica.Client(await _placed.LoginAsync(DemoAccounts.Operator));
        const string Pauses = "SELECT count(*)::text FROM jobs.paused_tenants";

        Assert.Equal(HttpStatusCode.NoContent, (await operators.PostAsync(
            new Uri($"{Url}/queues/emails/pause?tenant={DemoAccounts.Globex}", UriKind.Relative), null)).StatusCode);

        Assert.Equal(("1", "0"), (await ScalarAsync(_placed.Own, Pauses), await ScalarAsync(_placed.Common, Pauses)));
    }

    [Fact]
    [Trait("Req", "B4")]
    public async Task Database_itself_refuses_where_the_tenant_is_not_placed()
    {
        await using var source = NpgsqlDataSource.Create(api.AppConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var set = new NpgsqlCommand($"CALL set_tenant('{DemoAccounts.Globex}')", connection, transaction))
            await set.ExecuteNonQueryAsync();
        await using var command = new NpgsqlCommand("SELECT set_placed_job_limit('campaigns', 5, '1 s')", connection, transaction);

        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync())).SqlState);
    }

    private static async Task<string> ScalarAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
