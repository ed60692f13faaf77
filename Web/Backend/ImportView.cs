namespace Platform.Web.Backend;

/// <summary>An import as the API lists it.</summary>
/// <param name="Status">queued, running, completed, failed or cancelled.</param>
/// <param name="Error">Why it failed, for people to read.</param>
public sealed record ImportView(
    Guid Id,
    string FileName,
    string Status,
    long TotalBytes,
    long RowsTotal,
    long RowsDone,
    long Imported,
    long Rejected,
    string? Error,
    Guid? JobId,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt)
{
    public bool IsFinished => Status is "completed" or "failed" or "cancelled";
}
