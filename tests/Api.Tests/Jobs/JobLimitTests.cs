using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Api.Tests.Auth;
using Platform.Tenancy;

namespace Platform.Api.Tests.Jobs;

[Collection(ApiTests.Name)]
[Trait("Req", "F8")]
public sealed class JobLimitTests(ApiFixture api)
{
    private const string Url = "/api/admin/jobs/queues", Limit = $"{Url}/campaigns/limit";

    [Fact]
    public async Task Operators_limit_a_queue_and_a_tenant_in_it_and_the_list_shows_it()
    {
        var tenant = await api.AddTenantAsync();
        var client = await api.SignInAsync(await api.AddUserAsync(tenant, Permissions.JobsRead, Permissions.JobsManage));
        var operators = await api.Operator;
        var before = await NotesAsync();

        await DoneAsync(operators.PutAsJsonAsync(Limit, new { permits = 100, perSeconds = 60 }));
        await DoneAsync(operators.PutAsJsonAsync($"{Limit}?tenant={tenant}", new { permits = 5, perSeconds = 0.5 }));

        Assert.Equal([(null, 100, 60, null), (tenant.ToString(), 5, 0.5, 5)], await LimitsAsync(client));
        var all = await LimitsAsync(operators);
        Assert.Contains((null, 100, 60, 100), all);
        Assert.Contains((tenant.ToString(), 5, 0.5, 5), all);
        Assert.Equal([(null, 100, 60, null)], await LimitsAsync(await api.Acme));
        Assert.Equal(before + 2, await NotesAsync());

        await DoneAsync(operators.DeleteAsync(Limit));
        await DoneAsync(operators.DeleteAsync($"{Limit}?tenant={tenant}"));
        Assert.Empty(await LimitsAsync(client));
        await DoneAsync(operators.DeleteAsync(Limit));
        Assert.False(await api.ScalarAsync<bool>("SELECT limited FROM jobs.queues WHERE name = 'campaigns'"));
    }

    [Theory]
    [InlineData("""{"permits":0,"perSeconds":1}""")]
    [InlineData("""{"permits":1000001,"perSeconds":1}""")]
    [InlineData("""{"perSeconds":1}""")]
    [InlineData("""{"permits":1}""")]
    [InlineData("""{"permits":1,"perSeconds":0.09}""")]
    [InlineData("""{"permits":1,"perSeconds":86401}""")]
    [InlineData("""{"permits":1,"perSeconds":-1e300}""")]
    public async Task Limit_that_makes_no_sense_is_422(string json)
    {
        using var body = new StringContent(json, null, "application/json");
        await (await (await api.Operator).PutAsync(Limit, body)).ProblemAsync(422);
    }

    [Fact]
    public async Task Limit_of_an_unknown_queue_or_tenant_is_404()
    {
        var operators = await api.Operator;
        var limit = new { permits = 5, perSeconds = 1 };

        await (await operators.PutAsJsonAsync($"{Url}/unknown/limit", limit)).ProblemAsync(404);
        await (await operators.PutAsJsonAsync($"{Limit}?tenant={Guid.CreateVersion7()}", limit)).ProblemAsync(404);
        await (await operators.PutAsJsonAsync($"{Limit}?tenant={Guid.Empty}", limit)).ProblemAsync(404);
    }

    [Fact]
    [Trait("Req", "B1")]
    public async Task Tenants_admins_change_no_limit_not_even_their_own()
    {
        var tenant = await api.AddTenantAsync();
        var user = await api.AddUserAsync(tenant, Permissions.JobsRead, Permissions.JobsManage);
        var client = await api.SignInAsync(user);

        await (await client.PutAsJsonAsync(Limit, new { permits = 5, perSeconds = 1 })).ProblemAsync(403);
        await (await client.PutAsJsonAsync($"{Limit}?tenant={tenant}", new { permits = 5, perSeconds = 1 })).ProblemAsync(403);
        await (await client.DeleteAsync($"{Limit}?tenant={tenant}")).ProblemAsync(403);

        // Nor does the database let them, should the Api be fooled.
        foreach (var call in (string[])
        [
            $"jobs.operator_set_limit('{user.Id}', 'campaigns', '{tenant}', 5, '1 s', now())",
            $"jobs.operator_limits('{user.Id}', '{{campaigns}}', 10)",
            $"jobs.set_limit('campaigns', '{tenant}', 5, '1 s')",
        ])
        {
            await using var source = Npgsql.NpgsqlDataSource.Create(api.AppConnectionString);
            await using var command = source.CreateCommand($"SELECT * FROM {call}");
            Assert.Equal("42501", (await Assert.ThrowsAsync<Npgsql.PostgresException>(() => command.ExecuteScalarAsync())).SqlState);
        }
    }

    private Task<long> NotesAsync() =>
        api.ScalarAsync<long>("SELECT count(*) FROM operator_audit WHERE action = 'jobs.limit' AND subject = 'campaigns'");

    private static async Task DoneAsync(Task<HttpResponseMessage> request)
    {
        using var response = await request;
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    private static async Task<List<(string? Tenant, int Permits, double PerSeconds, int? Free)>> LimitsAsync(HttpClient client)
    {
        var queues = (await (await client.GetAsync(Url)).JsonAsync()).GetProperty("queues").EnumerateArray();
        return [.. queues.Single(queue => queue.Text("name") == "campaigns").GetProperty("limits").EnumerateArray().Select(limit => (
            limit.GetProperty("tenant").GetString(), limit.GetProperty("permits").GetInt32(), limit.GetProperty("perSeconds").GetDouble(),
            limit.GetProperty("free") is { ValueKind: JsonValueKind.Number } free ? free.GetInt32() : (int?)null))];
    }
}
