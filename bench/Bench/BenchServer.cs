using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Data;
using Platform.Data.Schema;
using Platform.Embedded;
using Platform.Jobs;

namespace Platform.Bench;

/// <summary>
/// A Postgres of its own, durable (fsync on), discarded afterwards; or, with <c>BENCH_POSTGRES</c>, the server of that connection string.
/// </summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private const string Password = "bench-password-1";
    private readonly RunningPostgres? _postgres;
    private readonly string _admin;
    private int _databases;

    private BenchServer(RunningPostgres? postgres, string admin)
    {
        _postgres = postgres;
        _admin = admin;
    }

    public static async Task<BenchServer> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("BENCH_POSTGRES") is { Length: > 0 } existing)
            return new BenchServer(null, existing);
        var folder = Path.Combine(Path.GetTempPath(), "platform-bench");
        var postgres = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = folder, Fresh = true });
        return new BenchServer(postgres, postgres.ConnectionString);
    }

    /// <summary>A new, empty database.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"bench_{Environment.ProcessId}_{++_databases}";
        await using var source = NpgsqlDataSource.Create(_admin);
        await using var create = source.CreateCommand($"CREATE DATABASE {name}");
        await create.ExecuteNonQueryAsync();
        await using var settle = source.CreateCommand("CHECKPOINT");
        await settle.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(_admin) { Database = name }.ConnectionString;
    }

    /// <summary>A new database with the platform's schema.</summary>
    public async Task<JobsBenchDatabase> CreateJobsDatabaseAsync()
    {
        var admin = await CreateDatabaseAsync();
        await PlatformMigrations.RunAsync(
            admin,
            new MigrationOptions { AppPassword = Password, QueuePassword = Password },
            [MigrationSource.FromAssembly("jobs", typeof(IJobQueue).Assembly)],
            NullLogger.Instance);
        return new JobsBenchDatabase(admin, As(PlatformRoles.App), As(PlatformRoles.Queue));

        string As(string role) => new NpgsqlConnectionStringBuilder(admin) { Username = role, Password = Password }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
            await _postgres.DisposeAsync();
    }
}
