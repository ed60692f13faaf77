using Microsoft.EntityFrameworkCore;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Conversations;

namespace Platform.Api.Features.Conversations;

/// <summary>Reads conversations of the current tenant.</summary>
internal static class ConversationQueries
{
    /// <summary>Beyond so many nothing is counted: it would take longer than reading the page, and nobody reads them all.</summary>
    public const int MaxCounted = 10_000;

    /// <summary>Index: conversations_pkey.</summary>
    public static Task<Conversation?> FindAsync(PlatformDb db, Guid id, CancellationToken cancellationToken) =>
        db.Conversations.SingleOrDefaultAsync(row => row.Id == id, cancellationToken);

    /// <summary>
    /// Last activity first. Index: conversations_agent_idx, _team_idx, _contact_idx, _status_idx, _channel_idx or _updated_idx, by the
    /// filter; a search: see 0040_conversation_lists.sql.
    /// </summary>
    public static async Task<Page<ConversationResponse>> PageAsync(
        PlatformDb db, ConversationFilter filter, ListQuestion ask, CursorCodec cursors, CancellationToken cancellationToken)
    {
        var rows = filter.Search is { } search
            ? await SearchAsync(db, SearchText.Pattern(search), filter, ask, cancellationToken)
            : await ListAsync(Filtered(db, filter), ask, cancellationToken);
        var total = filter.Search is { } text
            ? await ask.TotalAsync(rows.Count, () => CountAsync(db, SearchText.Pattern(text), filter, cancellationToken))
            : await ask.TotalAsync(rows.Count, Filtered(db, filter), cancellationToken, MaxCounted);
        return ask.Page(rows.ConvertAll(ConversationResponse.From), total, row => new Cursor(row.UpdatedAt, row.Id), cursors);
    }

    /// <summary>Indexes: conversations_status_idx and conversations_agent_idx, no further than <see cref="MaxCounted"/> in each.</summary>
    public static async Task<ConversationCounts?> CountsAsync(PlatformDb db, Guid? user, CancellationToken cancellationToken)
    {
        var (tenant, limit) = (db.Tenant.Value, MaxCounted + 1);
        var counts = await db.Database.SqlQuery<long>(
            $"""
            SELECT (SELECT count(*) FROM (
                SELECT FROM conversations c
                WHERE c.tenant_id = {tenant} AND c.status = asked.status
                LIMIT {limit}) AS rows) AS "Value"
            FROM unnest(ARRAY['open', 'pending', 'resolved', 'closed']) WITH ORDINALITY AS asked (status, place)
            ORDER BY place
            """).ToListAsync(cancellationToken);
        var assigned = await db.Database.SqlQuery<long>(
            $"""
            SELECT (SELECT count(*) FROM (
                SELECT FROM conversations c
                WHERE c.tenant_id = {tenant} AND c.assigned_agent_id IS NULL AND c.status IN ('open', 'pending')
                LIMIT {limit}) AS rows) AS "Value"
            UNION ALL
            SELECT (SELECT count(*) FROM (
                SELECT FROM conversations c
                WHERE c.tenant_id = {tenant} AND c.assigned_agent_id = {user}::uuid AND c.status IN ('open', 'pending')
                LIMIT {limit}) AS rows)
            """).ToListAsync(cancellationToken);
        return new ConversationCounts(
            Counted(counts[0]), Counted(counts[1]), Counted(counts[2]), Counted(counts[3]), Counted(assigned[0]), Counted(assigned[1]));
    }

    private static long? Counted(long count) => count > MaxCounted ? null : count;

    private static IQueryable<Conversation> Filtered(PlatformDb db, ConversationFilter filter)
    {
        var rows = db.Conversations.AsQueryable();
        if (filter.Status is { } status)
            rows = rows.Where(row => row.Status == status);
        if (filter.Channel is { } channel)
            rows = rows.Where(row => row.Channel == channel);
        if (filter.Agent is { } agent)
            rows = rows.Where(row => row.AssignedAgentId == agent);
        if (filter.Team is { } team)
            rows = rows.Where(row => row.AssignedTeamId == team);
        if (filter.Contact is { } contact)
            rows = rows.Where(row => row.ContactId == contact);
        if (filter.Unassigned is true)
            rows = rows.Where(row => row.AssignedAgentId == null);
        return rows;
    }

    private static Task<List<Conversation>> ListAsync(
        IQueryable<Conversation> rows, ListQuestion ask, CancellationToken cancellationToken)
    {
        if (ask.After is { } place)
        {
            rows = rows.Where(row => EF.Functions.LessThan(
                ValueTuple.Create(row.UpdatedAt, row.Id), ValueTuple.Create(place.CreatedAt, place.Id)));
        }
        return ask.Slice(rows.OrderByDescending(row => row.UpdatedAt).ThenByDescending(row => row.Id)).ToListAsync(cancellationToken);
    }

    private static Task<List<Conversation>> SearchAsync(
        PlatformDb db, string pattern, ConversationFilter filter, ListQuestion ask, CancellationToken cancellationToken)
    {
        var (before, beforeId, skip, take) = (ask.AfterCreatedAt, ask.AfterId, ask.Skip, ask.Take);
        return db.Conversations.FromSql(
            $"""
            SELECT * FROM search_conversations({pattern}, {filter.Status}, {filter.Channel}, {filter.Agent}, {filter.Team}, {filter.Contact},
                {filter.Unassigned}, {before}, {beforeId}, {skip}, {take})
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
    }

    private static async Task<long?> CountAsync(
        PlatformDb db, string pattern, ConversationFilter filter, CancellationToken cancellationToken)
    {
        long limit = MaxCounted + 1;
        var counts = await db.Database.SqlQuery<long>(
            $"""
            SELECT count_conversations({pattern}, {filter.Status}, {filter.Channel}, {filter.Agent}, {filter.Team}, {filter.Contact},
                {filter.Unassigned}, {limit}) AS "Value"
            """).ToListAsync(cancellationToken);
        return Counted(counts[0]);
    }
}
