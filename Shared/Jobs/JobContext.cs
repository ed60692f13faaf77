using Platform.Tenancy;

namespace Platform.Jobs;

/// <summary>What a running job knows of itself.</summary>
public abstract class JobContext
{
    public abstract Guid JobId { get; }

    public abstract TenantId Tenant { get; }

    /// <summary>1 for the first attempt.</summary>
    public abstract int Attempt { get; }

    /// <summary>True when no further attempt follows should this one fail.</summary>
    public abstract bool IsLastAttempt { get; }

    /// <summary>True when the token was cancelled because somebody cancelled the job, and not for the worker's own reasons.</summary>
    public abstract bool IsCancelled { get; }

    /// <summary>The batch this job completes, with how its members ended; null for every other job.</summary>
    public virtual ValueTask<JobBatch?> GetBatchAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult<JobBatch?>(null);

    /// <summary>Reports progress, throttled: stored and published at most a few times a second, the last one always.</summary>
    /// <param name="done">Units done; never above <paramref name="total"/>.</param>
    /// <param name="total">Units in all; 0 while unknown.</param>
    public abstract ValueTask ReportProgressAsync(long done, long total, CancellationToken cancellationToken = default);
}
