using Microsoft.EntityFrameworkCore;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Teams;

namespace Platform.Api.Features.Agents;

/// <summary>Reads agents of the current tenant.</summary>
internal static class AgentQueries
{
    /// <summary>Newest first. Indexes: agents_created_idx, with a status agents_status_idx; users_pkey.</summary>
    public static async Task<Page<AgentResponse>?> PageAsync(
        PlatformDb db, string? status, ListQuestion ask, CursorCodec cursors, CancellationToken cancellationToken)
    {
        var agents = status is null ? db.Agents : db.Agents.Where(agent => agent.Status == status);
        var rows = agents;
        if (ask.After is { } place)
        {
            rows = rows.Where(agent => EF.Functions.LessThan(
                ValueTuple.Create(agent.CreatedAt, agent.UserId), ValueTuple.Create(place.CreatedAt, place.Id)));
        }
        var page = await Select(db, rows.OrderByDescending(agent => agent.CreatedAt).ThenByDescending(agent => agent.UserId)
            .Skip(ask.Skip).Take(ask.Take)).ToListAsync(cancellationToken);
        var total = await ask.TotalAsync(page.Count, agents, cancellationToken);
        // A join keeps no order.
        page.Sort((one, other) => (other.CreatedAt, other.Id).CompareTo((one.CreatedAt, one.Id)));
        return ask.Page(page, total, agent => new Cursor(agent.CreatedAt, agent.Id), cursors);
    }

    /// <summary>Indexes: agents_pkey, users_pkey.</summary>
    public static Task<AgentResponse?> FindAsync(PlatformDb db, Guid id, CancellationToken cancellationToken) =>
        Select(db, db.Agents.Where(agent => agent.UserId == id)).SingleOrDefaultAsync(cancellationToken);

    private static IQueryable<AgentResponse> Select(PlatformDb db, IQueryable<Agent> agents) => agents.Join(
        db.Users, agent => agent.UserId, user => user.Id,
        (agent, user) => new AgentResponse(
            user.Id, user.Name, user.Email, agent.Status, agent.Capacity, agent.Skills, agent.LastSeenAt,
            agent.CreatedAt, agent.UpdatedAt, agent.Version));
}
