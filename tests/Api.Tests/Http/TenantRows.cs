using System.Text.RegularExpressions;
using Npgsql;

namespace Platform.Api.Tests.Http;

/// <summary>What a tenant has in the database, in every table that has a tenant: found in the catalog, so that none is forgotten.</summary>
internal static partial class TenantRows
{
    /// <summary>Written by whoever signs in or calls, without anybody's rows being touched.</summary>
    private static readonly string[] Bookkeeping = ["refresh_tokens", "audit_log", "idempotency_records"];

    /// <summary>All ids of a tenant's rows and people.</summary>
    public static async Task<HashSet<Guid>> IdsAsync(ApiFixture api, Guid tenant)
    {
        var ids = new HashSet<Guid>();
        foreach (var table in await TablesAsync(api.Admin, withId: true))
            ids.UnionWith(await QueryAsync<Guid>(api.Admin, $"SELECT id FROM {table} WHERE tenant_id = $1", tenant));
        ids.UnionWith(await QueryAsync<Guid>(api.Admin, "SELECT user_id FROM memberships WHERE tenant_id = $1", tenant));
        return ids;
    }

    public static Task<IReadOnlyList<Guid>> SamplesAsync(ApiFixture api, Guid tenant) => SamplesAsync(api.Admin, tenant);

    /// <summary>One id of each table in which the tenant has a row.</summary>
    public static async Task<IReadOnlyList<Guid>> SamplesAsync(NpgsqlDataSource database, Guid tenant)
    {
        var samples = new List<Guid>();
        foreach (var table in await TablesAsync(database, withId: true))
            samples.AddRange(await QueryAsync<Guid>(database, $"SELECT id FROM {table} WHERE tenant_id = $1 ORDER BY id LIMIT 1", tenant));
        samples.AddRange(await QueryAsync<Guid>(database, "SELECT user_id FROM memberships WHERE tenant_id = $1 ORDER BY user_id LIMIT 1", tenant));
        return samples;
    }

    /// <summary>A line a table: its name and the hash of the tenant's rows in it.</summary>
    public static async Task<string> SnapshotAsync(ApiFixture api, Guid tenant)
    {
        var lines = new List<string>();
        foreach (var table in (await TablesAsync(api.Admin, withId: false)).Except(Bookkeeping))
        {
            lines.AddRange(await QueryAsync<string>(
                api.Admin, $"SELECT '{table} ' || count(*) || ' ' || md5(COALESCE(string_agg(r::text, '' ORDER BY r::text), '')) FROM {table} r WHERE tenant_id = $1",
                tenant));
        }
        return string.Join('\n', lines);
    }

    /// <summary>The ids that stand in a text.</summary>
    public static IEnumerable<Guid> In(string text) => Id().Matches(text).Select(match => Guid.Parse(match.ValueSpan));

    public static Task<List<string>> TablesAsync(NpgsqlDataSource database, bool withId) => QueryAsync<string>(
        database,
        """
        SELECT c.oid::regclass::text FROM pg_class c
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
          AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
          AND (NOT $1 OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'id' AND a.atttypid = 'uuid'::regtype))
        ORDER BY 1
        """,
        withId);

    public static async Task<List<T>> QueryAsync<T>(NpgsqlDataSource database, string sql, object parameter)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<T>();
        while (await reader.ReadAsync())
            found.Add(reader.GetFieldValue<T>(0));
        return found;
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", RegexOptions.IgnoreCase)]
    private static partial Regex Id();
}
