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
            page.ConvertAll(CampaignResponse.From), await ask.TotalAsync(page.Count, filtered, cancellationToken),
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
            page, await ask.TotalAsync(page.Count, filtered, cancellationToken), row => new Cursor(DateTimeOffset.UnixEpoch, row.ContactId), cursors);
    }

    /// <summary>
    /// Without those who have opted out. Indexes: for named contacts contacts_pkey, campaign_opt_outs_contact_idx and
    /// campaign_opt_outs_address_key, else see 0054_campaign_opt_outs.sql.
    /// </summary>
    public static async Task<AudienceResponse> AudienceAsync(
        PlatformDb db, string channel, CampaignAudience audience, CancellationToken cancellationToken)
    {
        if (audience.ContactIds is { } ids)
        {
            var (tenant, wanted) = (db.Tenant.Value, ids.ToArray());
            var named = await db.Database.SqlQuery<long>(
                $"""
                SELECT count(*) AS "Value"
                FROM (SELECT id, CASE {channel} WHEN {Channels.Email} THEN email_key WHEN {Channels.Web} THEN COALESCE(email_key, phone) ELSE phone END AS address_key
                      FROM contacts WHERE tenant_id = {tenant} AND id = ANY ({wanted}) OFFSET 0) AS named
                WHERE address_key IS NOT NULL
                  AND NOT EXISTS (SELECT FROM campaign_opt_outs o WHERE o.tenant_id = {tenant} AND o.contact_id = named.id)
                  AND NOT EXISTS (SELECT FROM campaign_opt_outs o WHERE o.tenant_id = {tenant} AND o.address_key = named.address_key)
                """).ToListAsync(cancellationToken);
            return new AudienceResponse(named[0], IsMore: false);
        }
        var (pattern, limit) = (audience.Search is { } search ? SearchText.Pattern(search) : null, MaxAudience + 1);
        var counts = await db.Database.SqlQuery<long>($"SELECT count_audience({pattern}, {channel}, {limit}) AS \"Value\"")
            .ToListAsync(cancellationToken);
        return new AudienceResponse(Math.Min(counts[0], MaxAudience), counts[0] > MaxAudience);
    }
}
