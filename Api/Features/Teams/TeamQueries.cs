using Microsoft.EntityFrameworkCore;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Teams;

namespace Platform.Api.Features.Teams;

/// <summary>Reads teams of the current tenant.</summary>
internal static class TeamQueries
{
    /// <summary>Newest first. Indexes: teams_created_idx, team_members_pkey.</summary>
    public static async Task<Page<TeamResponse>?> PageAsync(
        PlatformDb db, ListQuestion ask, CursorCodec cursors, CancellationToken cancellationToken)
    {
        var teams = db.Teams;
        var page = await Select(db, ask.Of(teams)).ToListAsync(cancellationToken);
        var total = await ask.TotalAsync(page.Count, teams, cancellationToken);
        return ask.Page(page, total, team => new Cursor(team.CreatedAt, team.Id), cursors);
    }

    /// <summary>Indexes: teams_pkey, team_members_pkey.</summary>
    public static Task<TeamResponse?> FindAsync(PlatformDb db, Guid id, CancellationToken cancellationToken) =>
        Select(db, db.Teams.Where(team => team.Id == id)).SingleOrDefaultAsync(cancellationToken);

    /// <summary>Null when there is no such team. Newest member first. Indexes: team_members_pkey, users_pkey.</summary>
    public static async Task<Page<TeamMemberResponse>?> MembersAsync(
        PlatformDb db, Guid id, ListQuestion ask, CursorCodec cursors, CancellationToken cancellationToken)
    {
        if (!await db.Teams.AnyAsync(team => team.Id == id, cancellationToken))
            return null;
        var members = db.Set<TeamMember>().Where(member => member.TeamId == id);
        var rows = members;
        if (ask.After is { } place)
        {
            rows = rows.Where(member => EF.Functions.LessThan(
                ValueTuple.Create(member.CreatedAt, member.UserId), ValueTuple.Create(place.CreatedAt, place.Id)));
        }
        var page = await rows.OrderByDescending(member => member.CreatedAt).ThenByDescending(member => member.UserId)
            .Skip(ask.Skip).Take(ask.Take)
            .Join(
                db.Users, member => member.UserId, user => user.Id,
                (member, user) => new TeamMemberResponse(user.Id, user.Name, user.Email, member.CreatedAt))
            .ToListAsync(cancellationToken);
        var total = await ask.TotalAsync(page.Count, members, cancellationToken);
        // A join keeps no order.
        page.Sort((one, other) => (other.CreatedAt, other.UserId).CompareTo((one.CreatedAt, one.UserId)));
        return ask.Page(page, total, member => new Cursor(member.CreatedAt, member.UserId), cursors);
    }

    private static IQueryable<TeamResponse> Select(PlatformDb db, IQueryable<Team> teams) => teams.Select(team => new TeamResponse(
        team.Id, team.Name, team.Description, db.Set<TeamMember>().LongCount(member => member.TeamId == team.Id),
        team.CreatedAt, team.UpdatedAt, team.Version));
}
