namespace Platform.Data.Scheduling;

/// <summary>Somebody with whom a tenant's events are booked; a row of <c>professionals</c>.</summary>
public sealed class Professional : IVersionedRow, IListedRow
{
    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    public required string Name { get; init; }

    public string Title { get; init; } = "";

    public string? Email { get; init; }

    public string? Phone { get; init; }

    /// <summary>At most 20.</summary>
    public string[] Specialties { get; init; } = [];

    /// <summary>IANA name.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>Whether new events may be booked.</summary>
    public bool Active { get; init; } = true;

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 when created, one more with each update; the API's ETag.</summary>
    public long Version { get; init; }

    /// <summary>Name, title and e-mail in lower case, made by the database, for searching.</summary>
    public string Search { get; init; } = "";
}
