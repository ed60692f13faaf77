using Microsoft.EntityFrameworkCore;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Campaigns;
using Platform.Data.Conversations;

namespace Platform.Api.Features.Campaigns;

/// <summary>Reads campaigns of the current tenant.</summary>
internal static class CampaignQueries
{
    /// <summary>An audience is counted so far.</summary>
    private const long MaxAudience = 100_000;

    /// <summary>Index: campaigns_pkey.</summary>
    public static Task<Campaign?> FindAsync(PlatformDb db, Guid id, CancellationToken cancellationToken) =>
        db.Campaigns.SingleOrDefaultAsync(row => row.Id == id, cancellationToken);

    /// <summary>
    /// Newest first. Index: campaigns_status_idx or campaigns_created_idx; a tenant has few enough of them to search what it gives.
    /// </summary>
    public static async Task<Page<CampaignResponse>> PageAsync(
        PlatformDb db, string? status, string? search, ListQuestion ask, CursorCodec cursors, CancellationToken cancellationToken)
    {
        var filtered = db.Campaigns.AsQueryable();
        if (status is not null)
            filtered = filtered.Where(row => row.Status == status);
        if (search is not null)
        {
            var pattern = SearchText.Pattern(search);
            filtered = filtered.Where(row => EF.Functions.Like(row.Search, pattern));
        }
        var rows = filtered;
        if (ask.After is { } place)
        {
            rows = rows.Where(row => EF.Functions.LessThan(
                ValueTuple.Create(row.CreatedAt, row.Id), ValueTuple.Create(place.CreatedAt, place.Id)));
        }
        var page = await rows.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id)
            .Skip(ask.Skip).Take(ask.Take).ToListAsync(cancellationToken);
        return ask.Page(
            page.ConvertAll(CampaignResponse.From), await ask.CountAsync(filtered, cancellationToken),
            row => new Cursor(row.CreatedAt, row.Id), cursors);
    }

    /// <summary>By contact. Indexes: campaign_recipients_pkey or campaign_recipients_state_idx, contacts_pkey.</summary>
    public static async Task<Page<RecipientResponse>> RecipientsAsync(
        PlatformDb db, Guid campaign, string? state, ListQuestion ask, CursorCodec cursors, CancellationToken cancellationToken)
    {
        var filtered = db.Set<CampaignRecipient>().Where(row => row.CampaignId == campaign);
        if (state is not null)
            filtered = filtered.Where(row => row.State == state);
        var rows = filtered;
        if (ask.After is { } place)
            rows = rows.Where(row => row.ContactId.CompareTo(place.Id) > 0);
        var page = await rows.OrderBy(row => row.ContactId).Skip(ask.Skip).Take(ask.Take)
            .Join(
                db.Contacts, row => row.ContactId, contact => contact.Id,
                (row, contact) => new { Row = row, contact.Name })
            .OrderBy(both => both.Row.ContactId)
            .Select(both => new RecipientResponse(
                both.Row.ContactId, both.Name, both.Row.Address, both.Row.State, both.Row.Error, both.Row.SentAt, both.Row.UpdatedAt))
            .ToListAsync(cancellationToken);
        return ask.Page(
            page, await ask.CountAsync(filtered, cancellationToken), row => new Cursor(DateTimeOffset.UnixEpoch, row.ContactId), cursors);
    }

    /// <summary>Index: contacts_pkey for named contacts, else see 0045_campaign_audience.sql.</summary>
    public static async Task<AudienceResponse> AudienceAsync(
        PlatformDb db, string channel, CampaignAudience audience, CancellationToken cancellationToken)
    {
        if (audience.ContactIds is { } ids)
        {
            var needsEmail = channel == Channels.Email;
            var needsPhone = channel is Channels.Sms or Channels.WhatsApp;
            var named = await db.Contacts
                .Where(row => ids.Contains(row.Id) && (!needsEmail || row.Email != null) && (!needsPhone || row.Phone != null))
                .LongCountAsync(cancellationToken);
            return new AudienceResponse(named, IsMore: false);
        }
        var (pattern, limit) = (audience.Search is { } search ? SearchText.Pattern(search) : null, MaxAudience + 1);
        var counts = await db.Database.SqlQuery<long>($"SELECT count_audience({pattern}, {channel}, {limit}) AS \"Value\"")
            .ToListAsync(cancellationToken);
        return new AudienceResponse(Math.Min(counts[0], MaxAudience), counts[0] > MaxAudience);
    }
}
