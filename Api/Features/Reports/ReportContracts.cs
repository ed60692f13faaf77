using Platform.Api.Http;
using Platform.Data.Contacts;
using Platform.Data.Reports;

namespace Platform.Api.Features.Reports;

/// <summary>What a client asks for; see <see cref="ReportRules"/>.</summary>
internal sealed record ReportInput(string? Kind, string? Title, ReportParameters? Parameters)
{
    public IReadOnlyList<FieldError> Check(out ReportFields? fields) => ReportRules.Check(Kind, Title, Parameters, out fields);
}

/// <param name="Status">queued, running, completed, failed, cancelled, or expired: its file is no longer there.</param>
/// <param name="JobId">Where it is followed: <c>/api/jobs/{id}/status</c>.</param>
internal sealed record ReportResponse(
    Guid Id, string Kind, string Title, ReportParameters Parameters, string Status, Guid? JobId, long Rows, string? FileName,
    long? FileBytes, string? Error, Guid? CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt, DateTimeOffset? ExpiresAt,
    long Version) : IVersioned
{
    public static ReportResponse From(Report row, DateTimeOffset now) => new(
        row.Id, row.Kind, row.Title, ReportParameters.Parse(row.Parameters),
        row.Status == ReportStatus.Completed && row.ExpiresAt <= now ? ReportStatus.Expired : row.Status,
        row.JobId, row.Rows, row.FileName, row.FileBytes, row.Error, row.CreatedBy, row.CreatedAt, row.FinishedAt, row.ExpiresAt,
        row.Version);
}

/// <param name="Url">Needs no token; relative to the API.</param>
internal sealed record ReportLinkResponse(string Url, DateTimeOffset ExpiresAt);
