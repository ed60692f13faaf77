namespace Platform.Data.Teams;

/// <summary>A role that a member has; a row of <c>membership_roles</c>.</summary>
public sealed class MembershipRole : ITenantOwned
{
    public Guid TenantId { get; init; }

    public Guid UserId { get; init; }

    public Guid RoleId { get; init; }
}
