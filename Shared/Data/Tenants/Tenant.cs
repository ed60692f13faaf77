namespace Platform.Data.Tenants;

/// <summary>A customer of the platform; a row of <c>tenants</c>.</summary>
public sealed class Tenant
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    /// <summary>Short name, unique in the deployment.</summary>
    public required string Slug { get; init; }

    public required string Name { get; init; }

    /// <summary>Name of a row of <c>plans</c>; changed by <c>CALL change_plan</c>.</summary>
    public required string Plan { get; init; }

    /// <summary>Null while the tenant may use the platform.</summary>
    public DateTimeOffset? SuspendedAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}
