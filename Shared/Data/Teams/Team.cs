namespace Platform.Data.Teams;

/// <summary>Members who work on the same conversations; a row of <c>teams</c>.</summary>
public sealed class Team : ITenantOwned, IListedRow
{
    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    /// <summary>Unique in the tenant whatever its case.</summary>
    public required string Name { get; init; }

    public string Description { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 when created, one more with each update; the API's ETag.</summary>
    public long Version { get; init; }
}
