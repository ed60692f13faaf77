using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Platform.Api.Tests.Auth;
using Platform.Data;
using Platform.Data.Schema;
using Platform.Data.Seed;
using Platform.Testing;

namespace Platform.Api.Tests.Caching;

/// <summary>An API with a streaming replica beside its database: cached answers are made from it.</summary>
[Trait("Req", "B6")]
public sealed class ReplicaReadTests : IAsyncLifetime
{
    [SuppressMessage("Usage", "CA2213", Justification = "Disposed of in DisposeAsync.")]
    private ReplicatedPostgres _servers = null!;
    [SuppressMessage("Usage", "CA2213", Justification = "Disposed of in DisposeAsync.")]
    private ApiReplica _api = null!;

    public async Task InitializeAsync()
    {
        _servers = await ReplicatedPostgres.StartAsync(admin => ApiFixture.MigrateAsync(admin));
        _api = await ApiReplica.StartAsync(
            _servers.PrimaryConnectionStringFor(PlatformRoles.App, ApiFixture.AppPassword), time: null,
            ("ConnectionStrings:platform-replica", _servers.ReplicaConnectionStringFor(PlatformRoles.App, ApiFixture.AppPassword)),
            // A run's other databases share this Garnet, and its demo tenants have the same ids.
            ("Cache:Enabled", "false"));
    }

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        await _servers.DisposeAsync();
    }

    [Fact]
    public async Task Every_list_is_answered_and_no_one_misses_what_was_just_written()
    {
        using var client = await SignInAsync();
        using var document = JsonDocument.Parse(await client.GetStringAsync("/openapi/v1.json"));
        var lists = document.RootElement.GetProperty("paths").EnumerateObject()
            .Where(path => !path.Name.Contains('{', StringComparison.Ordinal) && path.Value.TryGetProperty("get", out _))
            .Select(path => path.Name).ToList();
        Assert.NotEmpty(lists);
        foreach (var path in lists)
        {
            using var answer = await client.GetAsync(path);
            Assert.True((int)answer.StatusCode < 500, $"{path}: {answer.StatusCode}");
        }
        Assert.True(await ReadersOfReplicaAsync() > 0, "Nothing was read from the replica.");

        await _servers.PauseAsync();
        using var created = await client.PostAsJsonAsync("/api/session/teams", new { name = "Night shift" });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Contains("Night shift", await client.GetStringAsync("/api/session/teams"), StringComparison.Ordinal);
    }

    private async Task<HttpClient> SignInAsync()
    {
        using var response = await _api.Anonymous.PostAsJsonAsync(
            "/api/auth/login", new { email = DemoAccounts.AcmeAdmin, password = DemoAccounts.Password });
        var tokens = await response.Content.ReadFromJsonAsync<JsonElement>();
        return _api.Client(tokens.GetProperty("accessToken").GetString());
    }

    private async Task<long> ReadersOfReplicaAsync()
    {
        await using var connection = new NpgsqlConnection(_servers.Replica!.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"SELECT count(*) FROM pg_stat_activity WHERE usename = '{PlatformRoles.App}'", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
