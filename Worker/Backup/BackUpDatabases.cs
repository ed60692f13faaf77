using Platform.Jobs;

namespace Platform.Worker.Backup;

/// <summary>The job that backs up every database of the deployment.</summary>
[Job("platform.backup", Queue = JobQueues.Maintenance, MaxAttempts = 3, TimeoutSeconds = 6 * 3600, BackoffSeconds = 60, RetentionDays = 30, Json = typeof(WorkerJobPayloads))]
internal sealed record BackUpDatabases;
