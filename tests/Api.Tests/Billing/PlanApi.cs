using System.Net;
using System.Net.Http.Json;
using Npgsql;
using Platform.Api.Tests.Auth;
using Platform.Data.Seed;
using Platform.Embedded;
using Platform.Testing;

namespace Platform.Api.Tests.Billing;

/// <summary>An API on a database of its own, with the plans as they are.</summary>
internal sealed class PlanApi : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly RunningGarnet _garnet;
    private readonly ApiReplica _api;

    private PlanApi(TestDatabase database, RunningGarnet garnet, ApiReplica api) => (_database, _garnet, _api) = (database, garnet, api);

    public static async Task<PlanApi> StartAsync()
    {
        var database = await ApiFixture.CreateDatabaseAsync();
        // Of its own: the plans cached here aren't those of other tests' database.
        var garnet = await EmbeddedGarnet.StartAsync(new EmbeddedGarnetOptions { Ephemeral = true });
        var api = await ApiReplica.StartAsync(
            ApiFixture.AppConnectionStringOf(database), null, ("ConnectionStrings:redis", garnet.ConnectionString));
        return new PlanApi(database, garnet, api);
    }

    /// <summary>Who has this token, or key.</summary>
    public HttpClient Client(string token) => _api.Client(token);

    public async Task<HttpClient> SignInAsync(string email)
    {
        using var response = await _api.Anonymous.PostAsJsonAsync("/api/auth/login", new { email, password = DemoAccounts.Password });
        return _api.Client((await response.JsonAsync()).Text("accessToken"));
    }

    public async Task ChangePlanAsync(Guid tenant, string plan)
    {
        using var operators = await SignInAsync(DemoAccounts.Operator);
        Assert.Equal(HttpStatusCode.NoContent, (await operators.PutAsJsonAsync($"/api/operator/tenants/{tenant}/plan", new { plan })).StatusCode);
    }

    /// <summary>Past the API and all policies.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var admin = NpgsqlDataSource.Create(_database.ConnectionString);
        await using var command = admin.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<long> CountAsync(string sql)
    {
        await using var admin = NpgsqlDataSource.Create(_database.ConnectionString);
        await using var command = admin.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _garnet.DisposeAsync();
        await _database.DisposeAsync();
    }
}
