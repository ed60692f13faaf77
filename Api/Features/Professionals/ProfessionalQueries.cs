using Microsoft.EntityFrameworkCore;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Scheduling;

namespace Platform.Api.Features.Professionals;

/// <summary>Reads professionals of the current tenant.</summary>
internal static class ProfessionalQueries
{
    /// <summary>Index: professionals_pkey.</summary>
    public static Task<Professional?> FindAsync(PlatformDb db, Guid id, CancellationToken cancellationToken) =>
        db.Professionals.SingleOrDefaultAsync(row => row.Id == id, cancellationToken);

    /// <summary>Newest first. Index: professionals_created_idx; a tenant has few enough of them to filter what it gives.</summary>
    public static async Task<Page<ProfessionalResponse>?> PageAsync(
        PlatformDb db, ProfessionalFilter filter, ListQuestion ask, CursorCodec cursors, CancellationToken cancellationToken)
    {
        var filtered = db.Professionals.AsQueryable();
        if (filter.Active is { } active)
            filtered = filtered.Where(row => row.Active == active);
        if (filter.Specialty is { Length: > 0 } specialty)
            filtered = filtered.Where(row => row.Specialties.Contains(specialty));
        if (filter.Search is { } search)
        {
            var pattern = SearchText.Pattern(search);
            filtered = filtered.Where(row => EF.Functions.Like(row.Search, pattern));
        }
        var page = await ask.Of(filtered).ToListAsync(cancellationToken);
        return ask.Page(
            page.ConvertAll(ProfessionalResponse.From), await ask.TotalAsync(page.Count, filtered, cancellationToken),
            row => new Cursor(row.CreatedAt, row.Id), cursors);
    }
}
