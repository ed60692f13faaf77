namespace Platform.Data.Teams;

/// <summary>A named set of permissions; a row of <c>roles</c>.</summary>
public sealed class Role : ITenantOwned
{
    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    /// <summary>Unique in the tenant.</summary>
    public required string Name { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>1 when created, one more with each update; the API's ETag.</summary>
    public long Version { get; init; }
}
