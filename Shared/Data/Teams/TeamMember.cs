namespace Platform.Data.Teams;

/// <summary>A member's belonging to a team; a row of <c>team_members</c>.</summary>
public sealed class TeamMember : ITenantOwned
{
    public Guid TenantId { get; init; }

    public Guid TeamId { get; init; }

    public Guid UserId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}
