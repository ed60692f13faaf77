using System.Text.Json;
using Npgsql;
using Platform.Api.Tests.Auth;
using Platform.Data.Seed;

namespace Platform.Api.Tests.Performance;

[Collection(ApiTests.Name)]
[Trait("Req", "D9")]
public sealed class SlowQueryTests(ApiFixture api)
{
    private const string Url = "/api/admin/slow-queries";

    // Of this database alone: others of the server belong to other tests.
    private const string Reset = "pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0)";

    private readonly string _name = $"q{Guid.NewGuid():N}";

    [Fact]
    public async Task Query_of_a_service_is_listed_without_its_constants()
    {
        await using var app = NpgsqlDataSource.Create(api.AppConnectionString);
        await RunAsync(api.Admin, $"SELECT statements.{Reset}");
        // The second takes twice as long as the first, so that all figures lie well apart.
        foreach (var upTo in new[] { 20_077, 40_077 })
            await RunAsync(app, $"-- it's said why\nSELECT count(*) AS {_name} FROM generate_series(1, {upTo}) /* 'aside' */ WHERE 'hush-hush' <> ''");

        var answer = await (await (await api.Operator).GetAsync($"{Url}?limit=50")).JsonAsync();

        Assert.Equal(["available", "queries"], Names(answer));
        Assert.True(answer.GetProperty("available").GetBoolean());
        var query = Assert.Single(Mine(answer));
        Assert.Equal(["query", "calls", "totalMs", "meanMs", "maxMs", "rows", "blocksHit", "blocksRead"], Names(query));
        Assert.Equal($"SELECT count(*) AS {_name} FROM generate_series($1, $2)  WHERE $3 <> $4", query.Text("query"));
        Assert.Equal(2, query.GetProperty("calls").GetInt64());
        Assert.Equal(2, query.GetProperty("rows").GetInt64());
        var max = query.GetProperty("maxMs").GetDouble();
        Assert.InRange(query.GetProperty("meanMs").GetDouble(), double.Epsilon, max);
        Assert.InRange(query.GetProperty("totalMs").GetDouble(), max, 2 * max);
        var totals = answer.GetProperty("queries").EnumerateArray().Select(row => row.GetProperty("totalMs").GetDouble()).ToList();
        Assert.Equal(totals.OrderDescending(), totals);
    }

    [Fact]
    public async Task Commands_are_not_listed_and_text_kept_as_sent_ends_where_a_string_begins()
    {
        await RunAsync(api.Admin, $"SELECT statements.{Reset}");
        await RunAsync(api.Admin, $"SET application_name = '{_name}'");
        await RunAsync(api.Admin, $"/* {_name} */ CREATE ROLE {_name} PASSWORD 'hush-hush'");
        await RunAsync(api.Admin, $"DROP ROLE {_name}");
        // An entry that goes away while its statement runs is written anew with the text as it was sent.
        await RunAsync(api.Admin, $"SELECT statements.{Reset} AS {_name}, 'hush-hush', $$hush-hush$$");
        Assert.Equal(1, await api.ScalarAsync<long>(
            "SELECT count(*) FROM statements.pg_stat_statements WHERE query LIKE '%AS ' || $1 || ', ''hush-hush''%'", _name));

        var answer = await (await (await api.Operator).GetAsync($"{Url}?limit=50")).JsonAsync();

        Assert.EndsWith($"AS {_name}, …", Assert.Single(Mine(answer)).Text("query"), StringComparison.Ordinal);
        Assert.DoesNotContain("hush", answer.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limit_bounds_the_list_which_no_cache_keeps_and_the_audit_knows_of()
    {
        var operators = await api.Operator;
        const string count = "SELECT count(*) FROM operator_audit WHERE action = 'queries.list'";
        var before = await api.ScalarAsync<long>(count);

        using var response = await operators.GetAsync($"{Url}?limit=1");

        Assert.Equal(1, (await response.JsonAsync()).GetProperty("queries").GetArrayLength());
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.Equal(before + 1, await api.ScalarAsync<long>(count));
    }

    [Theory]
    [InlineData("?limit=0")]
    [InlineData("?limit=51")]
    [InlineData("?limit=x")]
    public async Task Limit_that_is_none_is_a_400(string query) =>
        await (await (await api.Operator).GetAsync(Url + query)).ProblemAsync(400);

    [Fact]
    public async Task Only_operators_get_it()
    {
        using var member = await api.SignInAsync(await api.AddUserAsync(DemoAccounts.Acme, TestUsers.AllPermissions));

        await (await member.GetAsync(Url)).ProblemAsync(403);
        await (await (await api.Acme).GetAsync(Url)).ProblemAsync(403);
        await (await api.Anonymous.GetAsync(Url)).ProblemAsync(401);
    }

    private static string[] Names(JsonElement element) => [.. element.EnumerateObject().Select(member => member.Name)];

    private IEnumerable<JsonElement> Mine(JsonElement answer) =>
        answer.GetProperty("queries").EnumerateArray().Where(row => row.Text("query").Contains(_name, StringComparison.Ordinal));

    private static async Task RunAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
