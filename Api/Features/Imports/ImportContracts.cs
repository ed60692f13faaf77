using Platform.Data.Imports;

namespace Platform.Api.Features.Imports;

internal sealed record ImportAccepted(Guid ImportId, Guid JobId);

/// <param name="Status">queued, running, completed, failed or cancelled.</param>
/// <param name="RowsTotal">Rows in the file; 0 while unknown.</param>
/// <param name="Error">Why the whole file failed.</param>
/// <param name="CreatedBy">The user; null when a machine brought the file.</param>
/// <param name="CreatedByKey">That machine's API key.</param>
internal sealed record ImportResponse(
    Guid Id, string FileName, string Status, long TotalBytes, long RowsTotal, long RowsDone, long Imported, long Rejected,
    string? Error, Guid JobId, Guid? CreatedBy, Guid? CreatedByKey, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt)
{
    public static ImportResponse From(Import import) => new(
        import.Id, import.FileName, import.Status, import.TotalBytes, import.RowsTotal, import.RowsDone, import.Imported,
        import.Rejected, import.Error, import.JobId, import.CreatedBy, import.CreatedByKey,
        import.CreatedAt, import.StartedAt, import.FinishedAt);
}

/// <param name="RowNumber">Counts rows after the header, from 1.</param>
/// <param name="Line">The row as it stood in the file.</param>
internal sealed record RejectionResponse(long RowNumber, string Line, string Reason);
