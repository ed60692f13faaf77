using System.Diagnostics;
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
    private RunningPostgres? _postgres;
    private readonly string _admin;
    private int _databases;

    private static EmbeddedPostgresOptions Options => new() { DataFolder = Path.Combine(Path.GetTempPath(), "platform-bench") };

    private BenchServer(RunningPostgres? postgres, string admin)
    {
        _postgres = postgres;
        _admin = admin;
    }

    public static async Task<BenchServer> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("BENCH_POSTGRES") is { Length: > 0 } existing)
            return new BenchServer(null, existing);
        var postgres = await EmbeddedPostgres.StartAsync(Options with { Fresh = true });
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

    /// <summary>Ends the server as a crash does and starts it again, same port, same data.</summary>
    /// <returns>How long it was away, recovery included; null when it is not this process's to restart.</returns>
    public async Task<TimeSpan?> CrashAndRestartAsync()
    {
        if (_postgres is not { } crashing)
            return null;
        var start = Stopwatch.GetTimestamp();
        await crashing.CrashAsync();
        _postgres = await EmbeddedPostgres.StartAsync(Options with { Port = crashing.Port, StartTimeout = TimeSpan.FromMinutes(2) });
        return Stopwatch.GetElapsedTime(start);
    }

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
            await _postgres.DisposeAsync();
    }
}
