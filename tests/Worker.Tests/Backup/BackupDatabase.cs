using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Data;
using Platform.Data.Schema;
using Platform.Testing;

namespace Platform.Worker.Tests.Backup;

/// <summary>A database with all of the demo data, and one that is empty.</summary>
internal sealed class BackupDatabase : IAsyncDisposable
{
    public const string BackupPassword = "backup-password-1";

    private readonly TestDatabase _source, _target;

    private BackupDatabase(TestDatabase source, TestDatabase target) => (_source, _target) = (source, target);

    public static MigrationOptions Options => new()
    {
        AppPassword = WorkerDatabase.AppPassword, QueuePassword = WorkerDatabase.QueuePassword, BackupPassword = BackupPassword,
    };

    public string Source => _source.ConnectionString;

    public string SourceAsBackup => _source.ConnectionStringFor(PlatformRoles.Backup, BackupPassword);

    public string SourceAsApp => _source.ConnectionStringFor(PlatformRoles.App, WorkerDatabase.AppPassword);

    public string Target => _target.ConnectionString;

    public static async Task<BackupDatabase> CreateAsync() => new(
        await TestDatabase.CreateAsync("demo", async admin =>
        {
            var options = Options;
            options.SeedDemo = true;
            await PlatformMigrations.RunAsync(admin, options, MigrateCommand.Sources, NullLogger.Instance);
            // Rows with every sort of content, also where the demo has none.
            await ExecuteAsync(
                admin,
                """
                UPDATE contacts SET name = E'Ä \t "quoted" \\ \n line' WHERE id = (SELECT min(id::text)::uuid FROM contacts);
                INSERT INTO reports (tenant_id, id, kind, title, status) SELECT id, id, 'contacts', 'R', 'completed' FROM tenants;
                INSERT INTO report_files (tenant_id, report_id, number, content)
                SELECT id, id, n, convert_to(repeat(md5(n::text), 8000), 'UTF8') FROM tenants, generate_series(0, 3) AS n;
                INSERT INTO jobs.workers (name, queues, expires_at) VALUES ('worker', '{a,b}', now());
                """);
        }),
        await TestDatabase.CreateAsync());

    /// <summary>Of every table its rows, counted and added up in a form that doesn't depend on their order.</summary>
    public static async Task<SortedDictionary<string, string>> FingerprintAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        var tables = new List<string>();
        await using (var list = source.CreateCommand(
            "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('public', 'jobs') AND tablename <> 'schema_migrations'"))
        await using (var reader = await list.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                tables.Add(reader.GetString(0));
        }
        var prints = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var table in tables)
        {
            await using var command = source.CreateCommand(
                $"SELECT count(*) || ' ' || COALESCE(sum(hashtextextended(t::text, 0)), 0) FROM {table} AS t");
            prints[table] = (string)(await command.ExecuteScalarAsync())!;
        }
        return prints;
    }

    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _target.DisposeAsync();
    }
}
