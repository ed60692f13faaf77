namespace Platform.Data.Teams;

/// <summary>A user's belonging to a tenant; a row of <c>memberships</c>.</summary>
public sealed class Membership : ITenantOwned
{
    public Guid TenantId { get; init; }

    public Guid UserId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}
