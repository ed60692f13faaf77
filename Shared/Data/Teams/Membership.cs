namespace Platform.Data.Teams;

/// <summary>A user's belonging to a tenant; a row of <c>memberships</c>.</summary>
public sealed class Membership : ITenantOwned
{
    public Guid TenantId { get; init; }

    public Guid UserId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>1 when they joined, one more with each change of their roles; the API's ETag.</summary>
    public long Version { get; init; }
}
