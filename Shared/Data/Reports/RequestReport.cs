using Platform.Jobs;

namespace Platform.Data.Reports;

/// <summary>The job that asks for a report as a user would; what a tenant's schedules are made of.</summary>
/// <param name="Title">Without one the report is named after its kind.</param>
/// <param name="Days">Rows of so many days, up to the minute in which the job runs, 1 to <see cref="MaxDays"/>; null for all.</param>
/// <param name="Status">Rows of that status.</param>
/// <param name="Tell">Who gets an e-mail when it has ended, if a member of the job's tenant then; null for nobody.</param>
[Job("reports.request", Queue = JobQueues.Reports, MaxAttempts = 3, TimeoutSeconds = 60, Json = typeof(JobPayloads))]
public sealed record RequestReport(string Kind, string? Title = null, int? Days = null, string? Status = null, Guid? Tell = null)
{
    public const int MaxDays = 366;

    /// <param name="now">When it runs.</param>
    public ReportParameters Parameters(DateTimeOffset now)
    {
        var minute = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
        return Days is { } days ? new ReportParameters(minute.AddDays(-days), minute, Status) : new ReportParameters(Status: Status);
    }
}
