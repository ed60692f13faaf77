namespace Platform.Jobs.Upkeep;

/// <summary>One queue over time.</summary>
/// <param name="Step">The length of each sample.</param>
/// <param name="Samples">The oldest first; none for a time in which nobody measured and nothing ended.</param>
/// <param name="WaitMs">Of the whole window; null when none started.</param>
/// <param name="RunMs">Of the whole window; null when none ended.</param>
public sealed record JobQueueSeries(
    string Queue, TimeSpan Step, IReadOnlyList<JobQueueSample> Samples, JobTimes? WaitMs = null, JobTimes? RunMs = null);
