using Platform.Jobs;

namespace Platform.Worker.CleanUp;

/// <summary>The job that deletes what is over. Without arguments it begins at the beginning.</summary>
/// <param name="Database">Which of the deployment's databases to go on with, by position.</param>
/// <param name="After">The tenant there that was done last.</param>
[Job("platform.clean_up", Queue = JobQueues.Maintenance, MaxAttempts = 3, TimeoutSeconds = 1800, RetentionDays = 3, Json = typeof(WorkerJobPayloads))]
internal sealed record CleanUpData(int Database = 0, Guid? After = null);
