namespace Platform.Jobs;

/// <summary>The values of <see cref="JobStatus.State"/>.</summary>
public static class JobStates
{
    /// <summary>Waits for its time.</summary>
    public const string Scheduled = "scheduled";

    /// <summary>Waits for a worker.</summary>
    public const string Available = "available";

    public const string Running = "running";

    /// <summary>An attempt failed, the next one waits for its time.</summary>
    public const string Retrying = "retrying";

    public const string Succeeded = "succeeded";

    /// <summary>Ended without success, by somebody's decision to let it rest.</summary>
    public const string Failed = "failed";

    /// <summary>Every attempt failed, or the first one for good; waits for somebody to retry or discard it.</summary>
    public const string Dead = "dead";

    public const string Cancelled = "cancelled";

    /// <summary>True when nothing more happens to a job in this state by itself.</summary>
    public static bool IsFinished(string state) => state is Succeeded or Failed or Dead or Cancelled;
}
