using Microsoft.EntityFrameworkCore;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Contacts;

namespace Platform.Api.Features.Contacts;

/// <summary>Reads contacts of the current tenant.</summary>
internal static class ContactQueries
{
    /// <summary>Index: contacts_pkey.</summary>
    public static Task<Contact?> FindAsync(PlatformDb db, Guid id, CancellationToken cancellationToken) =>
        db.Contacts.SingleOrDefaultAsync(contact => contact.Id == id, cancellationToken);

    /// <summary>Newest first. Index: contacts_created_idx; a search: see 0006_contact_search.sql.</summary>
    public static Task<List<Contact>> ListAsync(PlatformDb db, string? search, ListQuestion ask, CancellationToken cancellationToken)
    {
        if (search is null)
            return ask.Of(db.Contacts).ToListAsync(cancellationToken);
        var (pattern, createdAt, id, skip, take) = (SearchText.Pattern(search), ask.AfterCreatedAt, ask.AfterId, ask.Skip, ask.Take);
        return db.Contacts.FromSql($"SELECT * FROM search_contacts({pattern}, {createdAt}, {id}, {skip}, {take})")
            .IgnoreQueryFilters().ToListAsync(cancellationToken);
    }

    /// <summary>Index: tenant_row_counts_pkey, 16 rows at most; a search: contacts_search_idx.</summary>
    /// <returns>Null when a search matches more than <see cref="SearchText.MaxCountedMatches"/>.</returns>
    public static async Task<long?> CountAsync(PlatformDb db, string? search, CancellationToken cancellationToken)
    {
        if (search is null)
            return await RowCounts.CountAsync(db, "contacts", cancellationToken);
        var (pattern, limit) = (SearchText.Pattern(search), SearchText.MaxCountedMatches + 1);
        var counts = await db.Database.SqlQuery<long>($"SELECT count_contacts({pattern}, {limit}) AS \"Value\"")
            .ToListAsync(cancellationToken);
        return counts[0] > SearchText.MaxCountedMatches ? null : counts[0];
    }
}
