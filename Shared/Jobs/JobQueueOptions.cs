using System.ComponentModel.DataAnnotations;

namespace Platform.Jobs;

/// <summary>How a process serves one queue.</summary>
public sealed class JobQueueOptions
{
    /// <summary>Jobs of the queue this process runs at once. Default 4.</summary>
    [Range(1, 1000)]
    public int Concurrency { get; set; } = 4;

    /// <summary>Jobs of one tenant that run at once, over all processes; 0 for no cap. Default 0.</summary>
    [Range(0, 1000)]
    public int TenantConcurrency { get; set; }

    /// <summary>
    /// Jobs claimed at most ahead of the running ones. As many are taken as will start within 50 ms, so slow jobs are
    /// never held back by a busy process. Default 1000.
    /// </summary>
    [Range(0, 10000)]
    public int Prefetch { get; set; } = 1000;
}
