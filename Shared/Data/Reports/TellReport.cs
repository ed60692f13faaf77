using Platform.Jobs;

namespace Platform.Data.Reports;

/// <summary>The job that writes to somebody that a scheduled report has ended; it runs when the one that builds it has.</summary>
[Job("reports.tell", Queue = JobQueues.Emails, MaxAttempts = 3, TimeoutSeconds = 60, Json = typeof(JobPayloads))]
public sealed record TellReport(Guid ReportId, Guid UserId);
