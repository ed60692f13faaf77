namespace Platform.Data.Reports;

/// <summary>What <c>reports.status</c> may be.</summary>
public static class ReportStatus
{
    public const string Queued = "queued";
    public const string Running = "running";
    public const string Completed = "completed";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";
    public const string Expired = "expired";

    public static IReadOnlyList<string> All { get; } = [Queued, Running, Completed, Failed, Cancelled, Expired];
}
