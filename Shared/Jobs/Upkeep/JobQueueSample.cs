namespace Platform.Jobs.Upkeep;

/// <summary>A queue in one stretch of time.</summary>
/// <param name="At">When it began.</param>
/// <param name="Depth">Jobs that waited, at most; null when nobody measured.</param>
/// <param name="Running">Jobs that ran, at most; null when nobody measured.</param>
/// <param name="OldestSeconds">How long the oldest job that might have run had waited, at most; null when nobody measured.</param>
/// <param name="Completed">Jobs that succeeded. Counts come a few seconds late, so some of a minute's are in the next one.</param>
/// <param name="Failed">Attempts that failed, of dead jobs too.</param>
/// <param name="Dead">Jobs that died.</param>
/// <param name="Cancelled">Jobs that were cancelled.</param>
/// <param name="WaitMs">From the time a job might have run to its start; null when none started.</param>
/// <param name="RunMs">From a run's start to its end; null when none ended.</param>
public sealed record JobQueueSample(
    DateTimeOffset At, long? Depth, long? Running, double? OldestSeconds, long Completed, long Failed, long Dead, long Cancelled,
    JobTimes? WaitMs, JobTimes? RunMs);
