using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Api.Tests.Auth;
using Platform.Api.Tests.Http;
using Platform.Data.Placement;
using Platform.Data.Schema;
using Platform.Data.Seed;
using Platform.Embedded;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Api.Tests.Placement;

/// <summary>An API whose tenant Globex is placed in a database of its own, made as the migrations make it; its admin is signed in.</summary>
internal sealed class PlacedTenant : IAsyncDisposable
{
    /// <summary>What the common database decides and keeps; all else it has of the tenant is left over from before.</summary>
    private static readonly string[] Directory =
        ["tenants", "users", "memberships", "invitations", "roles", "role_permissions", "membership_roles", "api_keys", "refresh_tokens"];

    /// <summary>Of those, what is copied to the tenant's own.</summary>
    public static readonly string[] Copied = ["memberships", "roles", "role_permissions", "membership_roles"];

    private readonly TestDatabase _common, _own;
    private RunningGarnet _garnet = null!;
    private ApiReplica _replica = null!;

    private PlacedTenant(TestDatabase common, TestDatabase own)
    {
        (_common, _own) = (common, own);
        (Common, Own) = (NpgsqlDataSource.Create(common.ConnectionString), NpgsqlDataSource.Create(own.ConnectionString));
    }

    /// <summary>Past all policies.</summary>
    public NpgsqlDataSource Common { get; }

    /// <inheritdoc cref="Common"/>
    public NpgsqlDataSource Own { get; }

    public ApiReplica Replica => _replica;

    public HttpClient Client { get; private set; } = null!;

    public static async Task<PlacedTenant> StartAsync()
    {
        var placed = new PlacedTenant(
            await ApiFixture.CreateDatabaseAsync(), await TestDatabase.CreateAsync("api_bare", admin => ApiFixture.MigrateAsync(admin, seed: false)));
        await using (var plan = placed.Common.CreateCommand($"UPDATE tenants SET plan = 'enterprise' WHERE id = '{DemoAccounts.Globex}'"))
            await plan.ExecuteNonQueryAsync();
        await TenantDirectory.CopyAsync(placed._common.ConnectionString, placed._own.ConnectionString, new TenantId(DemoAccounts.Globex));
        // Of its own: what is cached of the tenant here isn't what other tests find in their database.
        placed._garnet = await EmbeddedGarnet.StartAsync(new EmbeddedGarnetOptions { Ephemeral = true });
        placed._replica = await ApiReplica.StartAsync(
            ApiFixture.AppConnectionStringOf(placed._common), null, ("ConnectionStrings:redis", placed._garnet.ConnectionString), ($"Shards:Tenants:{DemoAccounts.Globex}", "own"),
            ("ConnectionStrings:own", ApiFixture.AppConnectionStringOf(placed._own)));
        placed.Client = placed._replica.Client(await placed.LoginAsync(DemoAccounts.GlobexAdmin));
        return placed;
    }

    /// <summary>Signs in and gives the access token.</summary>
    public async Task<string> LoginAsync(string email, string password = DemoAccounts.Password)
    {
        using var response = await _replica.Anonymous.PostAsJsonAsync("/api/auth/login", new { email, password });
        return (await response.JsonAsync()).Text("accessToken");
    }

    /// <summary>Ids of the tenant's rows that are in the common database but don't belong there any more.</summary>
    public async Task<HashSet<Guid>> LeftBehindAsync()
    {
        var ids = new HashSet<Guid>();
        foreach (var table in (await TenantRows.TablesAsync(Common, withId: true)).Except(Directory))
            ids.UnionWith(await TenantRows.QueryAsync<Guid>(Common, $"SELECT id FROM {table} WHERE tenant_id = $1 LIMIT 3", DemoAccounts.Globex));
        return ids;
    }

    /// <summary>One id of each table in which the tenant has a row, a member, and one nobody has.</summary>
    public async Task<IReadOnlyList<Guid>> SamplesAsync() => [.. await TenantRows.SamplesAsync(Own, DemoAccounts.Globex), Guid.CreateVersion7()];

    /// <summary>What some row of the tenant has in a column, given as <c>table.column</c>; an id nobody has if there is no row.</summary>
    public async Task<Guid> AnyAsync(string column) => (await TenantRows.QueryAsync<Guid>(
        Own, $"SELECT {column} FROM {column.Split('.')[0]} WHERE tenant_id = $1 LIMIT 1", DemoAccounts.Globex)).Append(Guid.CreateVersion7()).First();

    /// <summary>
    /// A line for each table of the common database with tenants' rows: how often it was read and written, as far as it isn't
    /// the directory. Closes the API's connections, for a session reports when it ends.
    /// </summary>
    public async Task<IReadOnlyList<string>> TouchedAsync()
    {
        _replica.Services.GetRequiredService<NpgsqlDataSource>().Clear();
        await Eventually.TrueAsync(async () => (await TenantRows.QueryAsync<long>(
            Common, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = $1", PlatformRoles.App)).Single() == 0);
        return await TenantRows.QueryAsync<string>(
            Common,
            """
            SELECT relname || ': ' || seq_scan || ' ' || COALESCE(idx_scan, 0) || ' read, ' || n_tup_ins + n_tup_upd + n_tup_del || ' written'
            FROM pg_stat_user_tables s
            WHERE schemaname IN ('public', 'jobs') AND relname <> ALL ($1)
              AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = s.relid AND a.attname = 'tenant_id')
            ORDER BY 1
            """,
            Directory);
    }

    /// <summary>The tenant's rows of a table, in either database.</summary>
    public static async Task<string> RowsAsync(NpgsqlDataSource database, string table) => string.Join('\n', await TenantRows.QueryAsync<string>(
        database, $"SELECT r::text FROM {table} r WHERE tenant_id = $1 ORDER BY 1", DemoAccounts.Globex));

    public static Task<List<string>> ListAsync(NpgsqlDataSource database, string sql, object parameter) =>
        TenantRows.QueryAsync<string>(database, sql, parameter);

    public async ValueTask DisposeAsync()
    {
        if (_replica is not null)
            await _replica.DisposeAsync();
        if (_garnet is not null)
            await _garnet.DisposeAsync();
        await Common.DisposeAsync();
        await Own.DisposeAsync();
        await _common.DisposeAsync();
        await _own.DisposeAsync();
    }
}
