using Microsoft.Extensions.Options;
using Npgsql;

namespace Platform.Jobs.Engine;

/// <summary>
/// The engine's own connections, apart from those of the handlers, so that neither can starve the other.
/// </summary>
internal sealed class JobDatabase : IAsyncDisposable
{
    // The hot table swings between empty and millions of rows faster than statistics follow; every statement is written
    // for one plan, nested loops over indexes, and these settings keep the planner to it.
    private const string Planning =
        "-c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off -c plan_cache_mode=force_generic_plan";

    private readonly string _connectionString;

    public JobDatabase(IOptions<JobWorkerOptions> options)
    {
        _connectionString = options.Value.ConnectionString;
        var seconds = Math.Max(1, (int)options.Value.CommandTimeout.TotalSeconds);
        var settings = new NpgsqlConnectionStringBuilder(options.Value.ConnectionString)
        {
            CommandTimeout = seconds,
            Timeout = seconds,
            KeepAlive = 10,
            MaxAutoPrepare = 50,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
            ApplicationName = "platform-jobs",
        };
        settings.MinPoolSize = 0;
        settings.MaxPoolSize = 6;
        settings.Options = $"{Planning} -c statement_timeout={seconds * 1000}";
        Writes = NpgsqlDataSource.Create(settings);
        settings.MaxPoolSize = 2;
        Leases = NpgsqlDataSource.Create(settings);

        // A claim that a crash of the server forgets is a job that waits again, and at worst runs twice: no reason to wait for the disk.
        settings.MaxPoolSize = 4;
        settings.Options += " -c synchronous_commit=off";
        Claims = NpgsqlDataSource.Create(settings);
        ListenerConnectionString = settings.ConnectionString;
    }

    /// <summary>Durable writes.</summary>
    public NpgsqlDataSource Writes { get; }

    /// <summary>
    /// Heartbeats, which must not wait behind any other write: who can't renew his lease loses his jobs. Durable: after a crash of
    /// the server a lease must not end sooner than its holder believes.
    /// </summary>
    public NpgsqlDataSource Leases { get; }

    /// <summary>Claims and progress: commits don't wait for the disk, save those of jobs with a lane (see claim.sql).</summary>
    public NpgsqlDataSource Claims { get; }

    public string ListenerConnectionString { get; }

    /// <summary>A connection of its own for work on whole tables, which takes longer than any other command may.</summary>
    /// <param name="longest">After which the server ends the statement.</param>
    public async Task<NpgsqlConnection> OpenUpkeepAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(_connectionString)
        {
            Pooling = false,
            ApplicationName = "platform-jobs-upkeep",
            CommandTimeout = (int)longest.TotalSeconds + 10,
            Options = $"-c statement_timeout={longest.TotalMilliseconds}",
        };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Writes.DisposeAsync();
        await Leases.DisposeAsync();
        await Claims.DisposeAsync();
    }
}
