using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Platform.Api.Tests.Webhooks;
using Platform.Data.Seed;
using Platform.Testing;

namespace Platform.Api.Tests.Connections;

[Collection(ApiTests.Name)]
[Trait("Req", "C3")]
public sealed class ConnectionHealthTests(ApiFixture api)
{
    private const string Url = "/api/connections/health";

    /// <summary>None that other tests bring about: those would be deliveries, too.</summary>
    private static readonly string[] Types = ["nothing.told"];

    [Fact]
    public async Task Every_connection_has_the_state_its_calls_and_deliveries_give_it()
    {
        var client = await api.Acme;
        var (failing, healthy, idle, disabled) = (
            await SourceAsync(client), await SourceAsync(client), await SourceAsync(client), await SourceAsync(client));
        var (refusing, working, unused) = (await EndpointAsync(client, "Shop"), await EndpointAsync(client, ""), await EndpointAsync(client, ""));
        await CallsAsync(failing, ("failed", "1 hour"), ("received", "1 minute"), ("failed", "2 days"), ("processed", "1 hour"));
        await CallsAsync(healthy, ("processed", "1 hour"), ("failed", "25 hours"));
        await CallsAsync(idle, ("processed", "25 hours"));
        await DeliveriesAsync(refusing, ("delivered", "2 days"), ("failed", "1 hour"));
        await DeliveriesAsync(working, ("delivered", "2 hours"), ("delivered", "1 hour"));
        await api.ScalarAsync<int>("UPDATE webhook_endpoints SET failure_count = 3 WHERE id = $1 RETURNING 1", refusing);
        // Invalidates what was cached meanwhile, and is what the last state is about.
        await (await client.PutAsJsonAsync($"/api/admin/webhook-sources/{disabled}", new { name = "Off", disabled = true })).JsonAsync();

        var rows = (await (await client.GetAsync($"{Url}?limit=50")).JsonAsync()).GetProperty("data").EnumerateArray()
            .ToDictionary(row => row.GetProperty("id").GetGuid());

        Assert.Equal(["failing", "healthy", "idle", "disabled", "failing", "healthy", "idle"], new[]
        {
            failing, healthy, idle, disabled, refusing, working, unused,
        }.Select(id => rows[id].Text("state")));
        Assert.Equal((2, "source"), (Long(rows[failing], "failedCalls") + Long(rows[failing], "waitingCalls"), rows[failing].Text("kind")));
        Assert.InRange(rows[failing].GetProperty("lastCallAt").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-2), DateTimeOffset.UtcNow);
        Assert.Equal((3, "Shop", "endpoint"), (Long(rows[refusing], "failureCount"), rows[refusing].Text("name"), rows[refusing].Text("kind")));
        Assert.InRange(
            rows[refusing].GetProperty("lastSuccessAt").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddHours(-49), DateTimeOffset.UtcNow.AddHours(-47));
        Assert.InRange(
            rows[working].GetProperty("lastSuccessAt").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-61), DateTimeOffset.UtcNow.AddMinutes(-59));
        Assert.Equal(JsonValueKind.Null, rows[unused].GetProperty("lastCallAt").ValueKind);
        Assert.Equal(JsonValueKind.Null, rows[unused].GetProperty("failedCalls").ValueKind);
    }

    [Fact]
    [Trait("Req", "C8")]
    public async Task Answer_is_cached_until_a_connection_changes()
    {
        var client = await api.Acme;
        var source = await SourceAsync(client);
        using var first = await client.GetAsync(Url);
        using var second = await client.GetAsync(Url);
        using var known = new HttpRequestMessage(HttpMethod.Get, Url) { Headers = { IfNoneMatch = { first.Headers.ETag! } } };

        Assert.Equal(["false", "true"], new[] { first, second }.SelectMany(answer => answer.Headers.GetValues("X-Cache-Hit")));
        Assert.Equal(HttpStatusCode.NotModified, (await client.SendAsync(known)).StatusCode);
        // Calls show within two minutes.
        await CallsAsync(source, ("failed", "1 minute"));
        Assert.Equal("idle", await StateAsync(client, source));

        await (await client.PutAsJsonAsync($"/api/admin/webhook-sources/{source}", new { name = "Renamed", disabled = false })).JsonAsync();
        Assert.Equal("failing", await StateAsync(client, source));
        var endpoint = await EndpointAsync(client, "New");
        Assert.Equal("idle", await StateAsync(client, endpoint));
        await (await client.PutAsJsonAsync(
            $"/api/admin/webhook-endpoints/{endpoint}", new { url = "https://shop.example/", eventTypes = Types, disabled = true })).JsonAsync();
        Assert.Equal("disabled", await StateAsync(client, endpoint));
        await client.DeleteAsync($"/api/admin/webhook-endpoints/{endpoint}");
        Assert.Null(await StateAsync(client, endpoint));
    }

    [Fact]
    [Trait("Req", "D3")]
    public async Task Pages_of_both_kinds_follow_one_another_without_gap()
    {
        var client = await api.Acme;
        for (var number = 0; number < 3; number++)
            (await SourceAsync(client), await EndpointAsync(client, "")).ToString();
        var all = await IdsAsync(client, "?limit=50");
        var numbered = new List<string>();
        for (var page = 1; page <= 3; page++)
            numbered.AddRange((await IdsAsync(client, $"?limit=2&page={page}")).Ids);

        var (ids, cursor) = await IdsAsync(client, "?limit=2");
        while (ids.Count < 6)
        {
            var (next, following) = await IdsAsync(client, $"?limit=2&cursor={cursor}");
            (ids, cursor) = ([.. ids, .. next], following);
        }

        Assert.Equal(all.Ids.Take(6), ids);
        Assert.Equal(all.Ids.Take(6), numbered);
    }

    [Fact]
    [Trait("Req", "B2")]
    public async Task Only_who_may_manage_webhooks_sees_them_and_only_the_tenants_own()
    {
        var source = await SourceAsync(await api.Acme);

        Assert.NotNull(await StateAsync(await api.Acme, source));
        Assert.Null(await StateAsync(await api.Globex, source));
        await (await (await api.AcmeAgent).GetAsync(Url)).ProblemAsync(403);
        await (await api.Anonymous.GetAsync(Url)).ProblemAsync(401);
    }

    [Fact]
    [Trait("Req", "D9")]
    public async Task Statement_reads_every_table_by_its_index()
    {
        await SourceAsync(await api.Acme);
        await using var pool = NpgsqlDataSource.Create(api.AppConnectionString);
        using var sent = new SentSql(new NpgsqlConnectionStringBuilder(api.AppConnectionString).Database!);

        await (await (await api.Acme).GetAsync($"{Url}?limit=33")).JsonAsync();

        var command = sent.Queries.Last(query => query.CommandText.Contains("FROM webhook_deliveries", StringComparison.Ordinal));
        await ExplainAssert.CouldUseIndexAsync(
            pool, DemoAccounts.Acme, command, "webhook_sources_created_idx", "webhook_endpoints_created_idx", "webhook_events_source_idx",
            "webhook_events_unfinished_idx", "webhook_deliveries_endpoint_idx", "webhook_deliveries_delivered_idx");
    }

    private static async Task<Guid> SourceAsync(HttpClient client) => Guid.Parse((await WebhookCaller.CreateAsync(client)).Id);

    private static async Task<Guid> EndpointAsync(HttpClient client, string description) =>
        (await client.CreateAsync("/api/admin/webhook-endpoints", new { url = "https://shop.example/", description, eventTypes = Types }))
        .GetProperty("id").GetGuid();

    private async Task CallsAsync(Guid source, params (string Status, string Age)[] calls)
    {
        foreach (var (status, age) in calls)
        {
            await api.ScalarAsync<int>(
                """
                INSERT INTO webhook_events (tenant_id, id, source_id, external_id, payload, status, received_at)
                SELECT tenant_id, uuidv7(), id, uuidv7()::text, 'x', $2, now() - $3::interval FROM webhook_sources WHERE id = $1 RETURNING 1
                """,
                source, status, age);
        }
    }

    private async Task DeliveriesAsync(Guid endpoint, params (string Status, string Age)[] deliveries)
    {
        foreach (var (status, age) in deliveries)
        {
            await api.ScalarAsync<int>(
                """
                INSERT INTO webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, payload, status, created_at, finished_at)
                SELECT tenant_id, uuidv7(), id, uuidv7(), 'contact.created', 'x', $2, now() - $3::interval, now() - $3::interval
                FROM webhook_endpoints WHERE id = $1 RETURNING 1
                """,
                endpoint, status, age);
        }
    }

    private static async Task<string?> StateAsync(HttpClient client, Guid id) =>
        (await (await client.GetAsync(Url)).JsonAsync()).GetProperty("data").EnumerateArray()
        .Where(row => row.GetProperty("id").GetGuid() == id).Select(row => row.Text("state")).SingleOrDefault();

    private static async Task<(List<string> Ids, string? Cursor)> IdsAsync(HttpClient client, string query)
    {
        var page = await (await client.GetAsync(Url + query)).JsonAsync();
        return (
            [.. page.GetProperty("data").EnumerateArray().Select(row => row.Text("id"))],
            page.GetProperty("pagination").GetProperty("nextCursor").GetString());
    }

    private static long Long(JsonElement row, string name) => row.GetProperty(name).GetInt64();
}
