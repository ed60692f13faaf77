using System.Security.Claims;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Agents;
using Platform.Api.Features.Auth;
using Platform.Api.Features.Billing;
using Platform.Api.Features.Roles;
using Platform.Api.Features.Subscriptions;
using Platform.Api.Features.Teams;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Placement;
using Platform.Data.Security;

namespace Platform.Api.Features.Members;

/// <summary>
/// Changes who belongs to the tenant. Nobody gives or takes a role that can do more than oneself, and somebody who can
/// manage the team always stays.
/// </summary>
internal sealed class MemberCommands(
    PlatformDb db, DirectoryDb directory, Passwords passwords, IPermissionChanges changes, TenantCache cache, IOptions<AuthOptions> options,
    TimeProvider time)
{
    /// <summary>A password nobody knows. Make it outside the transaction: it takes a tenth of a second.</summary>
    public string CreatePasswordHash() => passwords.Hash(RefreshToken.Create());

    /// <param name="transaction">Committed by the caller.</param>
    /// <param name="passwordHash">For somebody who is new here.</param>
    public async Task<(AddedMemberResponse? Added, ProblemResult? Problem)> AddAsync(
        TenantTransaction transaction, ClaimsPrincipal user, string email, string name, string[] roles, string passwordHash,
        CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (token, expiresAt) = (RefreshToken.Create(), now + options.Value.InvitationLifetime);
        var deciding = await directory.JoinAsync(transaction, cancellationToken);
        await MemberStore.LockAsync(deciding, cancellationToken);
        var (roleIds, problem) = await GrantableAsync(deciding, user, roles, [], cancellationToken);
        if (problem is not null)
            return (null, problem);
        var (outcome, userId) = await MemberStore.AddAsync(
            deciding, email, name, passwordHash, RefreshToken.Hash(token), now, expiresAt, cancellationToken);
        if (Refused(outcome) is { } refused)
            return (null, refused);
        if (await Seats.RequireAsync(transaction, await MemberStore.CountAsync(deciding, cancellationToken), cancellationToken) is { } full)
            return (null, full);
        await MemberStore.SetRolesAsync(deciding, userId!.Value, roleIds, cancellationToken);
        await AuditLog.AddAsync(transaction, user, "member.add", userId.ToString(), new { roles, outcome }, cancellationToken);
        var member = await MemberStore.FindAsync(deciding, userId.Value, cancellationToken);
        transaction.AfterCommit(() => new(changes.ChangedAsync(db.Tenant, userId.Value)));
        transaction.AfterCommit(() => new(cache.InvalidateAsync(SubscriptionEndpoints.Tag(db.Tenant), TagOf(RoleEndpoints.Subject))));
        // Behind the #, so that it is in nobody's log.
        var invitation = outcome == "invited" ? new InvitationResponse($"{options.Value.InvitationAddress}#{token}", expiresAt) : null;
        return (new AddedMemberResponse(member!, invitation), null);
    }

    /// <param name="roles">Null for no change.</param>
    /// <param name="versions">The versions the member may have; null for any.</param>
    public async Task<(MemberResponse? Member, ProblemResult? Problem)> ChangeAsync(
        ClaimsPrincipal user, Guid userId, string[]? roles, long[]? versions, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var deciding = await directory.JoinAsync(transaction, cancellationToken);
        await MemberStore.LockAsync(deciding, cancellationToken);
        if (await MemberStore.FindAsync(deciding, userId, cancellationToken) is not { } member)
            return (null, Problems.NotFound("member"));
        if (versions?.Contains(member.Version) is false)
            return (null, Problems.PreconditionFailed("member"));
        if (roles is null)
            return (member, null);
        var (roleIds, problem) = await GrantableAsync(deciding, user, roles, member.Roles, cancellationToken);
        if (problem is not null)
            return (null, problem);
        await MemberStore.SetRolesAsync(deciding, userId, roleIds, cancellationToken);
        await MemberStore.TouchAsync(deciding, userId, cancellationToken);
        if (!await MemberStore.HasManagerAsync(deciding, cancellationToken))
            return (null, LastManager());
        await AuditLog.AddAsync(transaction, user, "member.roles", userId.ToString(), new { from = member.Roles, to = roles }, cancellationToken);
        transaction.AfterCommit(() => new(changes.ChangedAsync(db.Tenant, userId)));
        transaction.AfterCommit(() => new(cache.InvalidateAsync(TagOf(RoleEndpoints.Subject))));
        await transaction.CommitAsync(cancellationToken);
        return (member with { Roles = [.. roles.Order(StringComparer.Ordinal)], Version = member.Version + 1 }, null);
    }

    /// <param name="versions">The versions the member may have; null for any.</param>
    /// <returns>Null when the member is gone.</returns>
    public async Task<ProblemResult?> RemoveAsync(
        ClaimsPrincipal user, Guid userId, long[]? versions, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var deciding = await directory.JoinAsync(transaction, cancellationToken);
        await MemberStore.LockAsync(deciding, cancellationToken);
        if (await MemberStore.FindAsync(deciding, userId, cancellationToken) is not { } member)
            return Problems.NotFound("member");
        if (versions?.Contains(member.Version) is false)
            return Problems.PreconditionFailed("member");
        var (_, problem) = await GrantableAsync(deciding, user, [], member.Roles, cancellationToken);
        if (problem is not null)
            return problem;
        await MemberStore.RemoveAsync(deciding, userId, time.GetUtcNow(), cancellationToken);
        if (!await MemberStore.HasManagerAsync(deciding, cancellationToken))
            return LastManager();
        await AuditLog.AddAsync(transaction, user, "member.remove", userId.ToString(), new { member.Roles }, cancellationToken);
        transaction.AfterCommit(() => new(changes.SessionEndedAsync(db.Tenant, userId)));
        // With the member its places in teams, as an agent and in roles are gone.
        transaction.AfterCommit(() => new(cache.InvalidateAsync(
            SubscriptionEndpoints.Tag(db.Tenant), TagOf(RoleEndpoints.Subject), TagOf(TeamEndpoints.Subject), TagOf(AgentEndpoints.Subject))));
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    private CacheTag TagOf(string subject) => CacheTag.For(db.Tenant, subject);

    /// <summary>The ids of the roles wanted; a problem when one is unknown, or when what changes exceeds the caller.</summary>
    private static async Task<(Guid[] Ids, ProblemResult? Problem)> GrantableAsync(
        TenantTransaction transaction, ClaimsPrincipal user, string[] wanted, IReadOnlyList<string> present,
        CancellationToken cancellationToken)
    {
        var roles = await MemberStore.RolesAsync(transaction, [.. wanted.Union(present)], cancellationToken);
        if (wanted.FirstOrDefault(name => roles.All(role => role.Name != name)) is { } unknown)
            return ([], Problems.Invalid("roles", $"There is no role '{unknown}'."));
        foreach (var (_, name, permissions) in roles.Where(role => wanted.Contains(role.Name) != present.Contains(role.Name)))
        {
            if (permissions.FirstOrDefault(permission => !user.Holds(permission)) is { } missing)
                return ([], Problems.Forbidden($"Role '{name}' gives '{missing}', which you don't hold: you can't give or take it."));
        }
        return ([.. roles.Where(role => wanted.Contains(role.Name)).Select(role => role.Id)], null);
    }

    private static ProblemResult LastManager() =>
        Problems.Conflict("This is the last member who can manage the team. Make another one manager first.");

    private static ProblemResult? Refused(string outcome) => outcome switch
    {
        "member" => Problems.Conflict("This person is a member already.", "email"),
        "unproven" => Problems.Conflict("The account of this address isn't confirmed yet and can't be added to another tenant.", "email"),
        "refused" => Problems.Conflict("The account of this address can't be added.", "email"),
        _ => null,
    };
}
