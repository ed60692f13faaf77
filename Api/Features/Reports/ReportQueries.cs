using Microsoft.EntityFrameworkCore;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Reports;

namespace Platform.Api.Features.Reports;

/// <summary>Reads reports of the current tenant.</summary>
internal static class ReportQueries
{
    /// <summary>Index: reports_pkey.</summary>
    public static Task<Report?> FindAsync(PlatformDb db, Guid id, CancellationToken cancellationToken) =>
        db.Reports.SingleOrDefaultAsync(row => row.Id == id, cancellationToken);

    /// <summary>Newest first. Index: reports_status_idx or reports_created_idx; a kind filters what it gives.</summary>
    public static async Task<Page<ReportResponse>?> PageAsync(
        PlatformDb db, string? kind, string? status, ListQuestion ask, CursorCodec cursors, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var filtered = db.Reports.AsQueryable();
        if (kind is not null)
            filtered = filtered.Where(row => row.Kind == kind);
        if (status is not null)
            filtered = filtered.Where(row => row.Status == status);
        var page = await ask.Of(filtered).ToListAsync(cancellationToken);
        return ask.Page(
            page.ConvertAll(row => ReportResponse.From(row, now)), await ask.TotalAsync(page.Count, filtered, cancellationToken),
            row => new Cursor(row.CreatedAt, row.Id), cursors);
    }
}
