using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Npgsql;
using Platform.Data.Security;
using Platform.Tenancy;

namespace Platform.Load.Seeding;

/// <summary>
/// Fills a migrated database with tenants as unequal as real ones: the n-th largest has an n-th of the largest's rows. The same
/// seed gives the same rows. A part that is there already is left as it is.
/// </summary>
/// <remarks>
/// Written as the superuser, whom row-level security doesn't bind, in one statement a table. Foreign keys aren't checked row by
/// row, and secondary indexes are built afterwards, from the very definitions the catalog gave: the schema ends as it began.
/// </remarks>
internal sealed class Seeder(string adminConnectionString, int seed, int tenants, int rows)
{
    public const string UserPassword = "Platform-bench-1";

    /// <summary>What comes before the tenant's number in every address of its rows.</summary>
    public const string MarkerPrefix = "@t";

    // In the order of their foreign keys.
    private static readonly string[] Tables =
        ["contacts", "conversations", "messages", "professionals", "events", "teams", "notifications", "subscriptions"];

    public static string EmailOf(int rank) => "admin" + MarkerOf(rank);

    public static string MarkerOf(int rank) => string.Create(CultureInfo.InvariantCulture, $"@t{rank:00000}.example");

    public async Task RunAsync()
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(adminConnectionString) { Pooling = false, CommandTimeout = 1200 }.ConnectionString);
        await connection.OpenAsync();
        await ExecuteAsync(connection, "SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'; "
            + "SET session_replication_role = replica; SET max_parallel_maintenance_workers = 2");
        await ExecuteAsync(connection, Sql("prepare")
            .Replace("@rows", rows.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("@tenants", tenants.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        if (!await IsTrueAsync(connection, "SELECT EXISTS (SELECT FROM tenants JOIN bench_tenants USING (id))"))
            await ExecuteAsync(connection, Sql("tenants"), new Passwords().Hash(UserPassword));
        await ExecuteAsync(connection, Sql("permissions"), (object)AllPermissions());
        foreach (var table in Tables)
        {
            if (await IsTrueAsync(connection, $"SELECT to_regclass('public.{table}') IS NULL OR EXISTS (SELECT FROM {table})", ifMissing: true))
                continue;
            var clock = Stopwatch.StartNew();
            await FillAsync(connection, table);
            Report.Line($"{table,-16} {await CountAsync(connection, table),12:N0} rows in {clock.Elapsed.TotalSeconds:0.0} s");
        }

        await ExecuteAsync(connection, "ANALYZE");
        await ExecuteAsync(connection, "CHECKPOINT");
    }

    private async Task FillAsync(NpgsqlConnection connection, string table)
    {
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            var indexes = await IndexesAsync(connection, table);
            foreach (var (name, _) in indexes)
                await ExecuteAsync(connection, $"DROP INDEX {name}");
            await ExecuteAsync(connection, Sql(table), (long)seed);
            foreach (var (_, definition) in indexes)
                await ExecuteAsync(connection, definition);
            await transaction.CommitAsync();
        }

        // The visibility map, for index-only scans, as autovacuum would make it in time.
        await ExecuteAsync(connection, $"VACUUM (ANALYZE) {table}");
    }

    // Those behind a constraint stay.
    private static async Task<List<(string Name, string Definition)>> IndexesAsync(NpgsqlConnection connection, string table)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
            WHERE i.indrelid = $1::regclass AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
            """, connection);
        command.Parameters.AddWithValue(table);
        await using var reader = await command.ExecuteReaderAsync();
        var indexes = new List<(string, string)>();
        while (await reader.ReadAsync())
            indexes.Add((reader.GetString(0), reader.GetString(1)));
        return indexes;
    }

    private static string[] AllPermissions() => [.. typeof(Permissions).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(field => field.FieldType == typeof(string)).Select(field => (string)field.GetRawConstantValue()!)
        .Where(permission => permission != Permissions.PlatformOperate)];

    private static string Sql(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Platform.Load.Seeding.{name}.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, string table)
    {
        await using var command = new NpgsqlCommand($"SELECT count(*) FROM {table}", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<bool> IsTrueAsync(NpgsqlConnection connection, string sql, bool ifMissing = false)
    {
        try
        {
            await using var command = new NpgsqlCommand(sql, connection);
            return (bool)(await command.ExecuteScalarAsync())!;
        }
        catch (PostgresException error) when (ifMissing && error.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return true;
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, params object[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.AddWithValue(parameter);
        await command.ExecuteNonQueryAsync();
    }
}
