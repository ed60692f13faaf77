using System.ComponentModel.DataAnnotations;

namespace Platform.Jobs;

/// <summary>How a process runs jobs; section <c>Jobs</c>.</summary>
public sealed class JobWorkerOptions
{
    public const string Section = "Jobs";

    /// <summary>The queues this process serves, and how. Filled with the platform's queues by default.</summary>
    public Dictionary<string, JobQueueOptions> Queues { get; } = new(StringComparer.Ordinal)
    {
        [JobQueues.Campaigns] = new() { Concurrency = 4 },
        [JobQueues.Imports] = new() { Concurrency = 2 },
        [JobQueues.Reports] = new() { Concurrency = 2 },
        [JobQueues.Webhooks] = new() { Concurrency = 16, TenantConcurrency = 2 },
        // They wait for others nearly all of the time, and hold no connection to the database meanwhile.
        [JobQueues.Deliveries] = new() { Concurrency = 32, TenantConcurrency = 8 },
        [JobQueues.Emails] = new() { Concurrency = 16 },
        [JobQueues.Maintenance] = new() { Concurrency = 2 },
        [JobQueues.Images] = new() { Concurrency = 2 },
    };

    /// <summary>How long a worker's jobs stay its own after its last heartbeat. Default 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often the lease is renewed; half of <see cref="Lease"/> at most. Default 4 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:20:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>The longest pause between two looks for work when nothing hints at any. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:10:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often lost workers are looked for, stuck lanes and cancelled jobs cleared, and counts added to the statistics. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan MaintenanceInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often finished jobs past their retention are deleted. Default 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan PruneInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long a worker leads (runs schedules, upkeep) after it last said so, and so how soon another takes over from one that is
    /// lost. Default 6 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.3", "00:05:00")]
    public TimeSpan LeaderLease { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>How late a schedule's run may be before it counts as missed and its misfire policy decides. Default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ScheduleGrace { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a snapshot may be held open in the database before the leader warns of it; zero for never. Default 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan SnapshotAlarm { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Dead rows in the hot table from which on the leader warns of them; 0 for never. Default 2,000,000.</summary>
    [Range(0, long.MaxValue)]
    public long DeadRowsAlarm { get; set; } = 2_000_000;

    /// <summary>
    /// Size in bytes from which on the leader rebuilds an index of the hot table, if its rows don't account for it; 0 for never.
    /// Default 268,435,456 (256 MB). Needs Postgres 17.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long ReindexAbove { get; set; } = 256 * 1024 * 1024;

    /// <summary>
    /// Dead rows of the hot table from which on the leader vacuums it, without waiting for autovacuum; 0 leaves it to autovacuum.
    /// Default 50,000, which are some 15 MB. Needs Postgres 17.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long VacuumAbove { get; set; } = 50_000;

    /// <summary>The longest a database call of the engine may take. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long running jobs may go on after the host was asked to stop, before their tokens are cancelled and they are
    /// handed back. Default 5 s; keep it below the host's shutdown timeout.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Drain { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a handler may ignore its cancelled token before it is left behind. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan Abandon { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The least time between two progress reports of a job that are stored and published. Default 250 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan ProgressInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Whether to listen for hints; without, jobs start within <see cref="PollInterval"/>. Default true.</summary>
    public bool Listen { get; set; } = true;

    /// <summary>Where the queue lives, as role <c>platform_queue</c>; by default the connection string <c>platform-queue</c>.</summary>
    [Required(AllowEmptyStrings = false, ErrorMessage = "The connection string 'platform-queue' (or Jobs:ConnectionString) is missing.")]
    public string ConnectionString { get; set; } = "";
}
