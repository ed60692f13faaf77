using Platform.Jobs;

namespace Platform.Data.Reports;

/// <summary>The job that writes a report's file.</summary>
[Job("reports.build", Queue = JobQueues.Reports, MaxAttempts = 3, TimeoutSeconds = 1800, Json = typeof(JobPayloads))]
public sealed record BuildReport(Guid ReportId);
