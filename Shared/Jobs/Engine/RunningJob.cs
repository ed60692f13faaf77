namespace Platform.Jobs.Engine;

/// <summary>One run of a job: its token, and who has the last word on how it ended.</summary>
internal sealed class RunningJob(ClaimedJob job, long startedAt) : JobContext, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private int _reason;
    private int _ended;
    private int _told;
    private long _stoppedAt;

    /// <summary>Stores and publishes progress; set by the runner.</summary>
    public required Func<RunningJob, JobProgress, CancellationToken, ValueTask> Report { get; init; }

    /// <summary>Reads the batch the job completes; set by the runner.</summary>
    public required Func<ClaimedJob, CancellationToken, ValueTask<JobBatch?>> ReadBatch { get; init; }

    public required TimeSpan ReportInterval { get; init; }

    public required TimeProvider Time { get; init; }

    public ClaimedJob Job { get; } = job;

    public long StartedAt { get; } = startedAt;

    public string? TraceParent { get; set; }

    public CancellationToken Token => _stop.Token;

    public StopReason Reason => (StopReason)Volatile.Read(ref _reason);

    /// <summary>Whether anybody was told that it runs.</summary>
    public bool IsTold => Volatile.Read(ref _told) != 0;

    /// <summary>When the token was cancelled; 0 while it isn't.</summary>
    public long StoppedAt => Volatile.Read(ref _stoppedAt);

    public JobProgress Progress { get; private set; } = new(0, 0, 0);

    public override Guid JobId => Job.Id;

    public override Platform.Tenancy.TenantId Tenant => Job.Tenant;

    public override int Attempt => Job.Attempt;

    public override bool IsLastAttempt => Job.Attempt >= Job.MaxAttempts;

    public override bool IsCancelled => Reason == StopReason.Cancelled;

    public override ValueTask<JobBatch?> GetBatchAsync(CancellationToken cancellationToken = default) => ReadBatch(Job, cancellationToken);

    private long _reportedAt;
    private bool _reportPending;

    public override async ValueTask ReportProgressAsync(long done, long total, CancellationToken cancellationToken = default)
    {
        var progress = new JobProgress(done, total, Internal.JobReader.Percent(done, total));
        if (progress == Progress)
            return;
        Progress = progress;
        var now = Time.GetTimestamp();
        _reportPending = _reportedAt != 0 && done < total && Time.GetElapsedTime(_reportedAt, now) < ReportInterval;
        if (_reportPending)
            return;
        _reportedAt = now;
        await Report(this, progress, cancellationToken);
    }

    /// <summary>Stores what the throttle has held back.</summary>
    public async ValueTask FlushProgressAsync(CancellationToken cancellationToken)
    {
        if (!_reportPending)
            return;
        _reportPending = false;
        await Report(this, Progress, cancellationToken);
    }

    /// <summary>True for the first caller that tells that it runs, unless it has ended.</summary>
    public bool TryTell() => Interlocked.Exchange(ref _told, 1) == 0 && Volatile.Read(ref _ended) == 0;

    /// <summary>Cancels the handler's token, unless the run has ended.</summary>
    public void Stop(StopReason reason)
    {
        if (Interlocked.CompareExchange(ref _reason, (int)reason, (int)StopReason.None) != (int)StopReason.None)
            return;
        Volatile.Write(ref _stoppedAt, Time.GetTimestamp());
        lock (_lock)
        {
            if (Volatile.Read(ref _ended) == 0)
                ThreadPool.UnsafeQueueUserWorkItem(static run => run.Cancel(), this, preferLocal: false);
        }
    }

    /// <summary>True for the one caller that may decide the outcome: the handler's end or the watchdog that gave it up.</summary>
    public bool TryEnd() => Interlocked.Exchange(ref _ended, 1) == 0;

    public void Dispose()
    {
        lock (_lock)
            _stop.Dispose();
    }

    // Callbacks registered on the token are the handler's code: they run here, not in the loop that asked for the stop.
    private void Cancel()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run ended meanwhile.
        }
        catch (AggregateException)
        {
            // A callback of the handler threw; the handler itself will be seen to end or be given up.
        }
    }
}
