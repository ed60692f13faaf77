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

    /// <summary>
    /// Newest first. Index: contacts_created_idx for the order and the cursor; a search filters along it, within the tenant.
    /// </summary>
    /// <param name="skip">Rows to leave out when there is no cursor.</param>
    /// <returns>One row more than <paramref name="limit"/> when there is a further page.</returns>
    public static Task<List<Contact>> ListAsync(
        PlatformDb db, string? search, Cursor? after, int skip, int limit, CancellationToken cancellationToken)
    {
        var rows = Matching(db, search);
        if (after is { } place)
        {
            rows = rows.Where(contact => EF.Functions.LessThan(
                ValueTuple.Create(contact.CreatedAt, contact.Id), ValueTuple.Create(place.CreatedAt, place.Id)));
        }
        return rows.OrderByDescending(contact => contact.CreatedAt).ThenByDescending(contact => contact.Id)
            .Skip(skip).Take(limit + 1).ToListAsync(cancellationToken);
    }

    /// <summary>Index: contacts_created_idx, an index-only scan when there is no search.</summary>
    public static Task<long> CountAsync(PlatformDb db, string? search, CancellationToken cancellationToken) =>
        Matching(db, search).LongCountAsync(cancellationToken);

    private static IQueryable<Contact> Matching(PlatformDb db, string? search)
    {
        if (search is null)
            return db.Contacts;
        var pattern = $"%{Escape(search.ToLowerInvariant())}%";
        return db.Contacts.Where(contact => EF.Functions.Like(contact.Search, pattern, "\\"));
    }

    // What a user types is text to find, not a pattern.
    private static string Escape(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("%", "\\%", StringComparison.Ordinal)
        .Replace("_", "\\_", StringComparison.Ordinal);
}
