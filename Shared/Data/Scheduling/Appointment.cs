namespace Platform.Data.Scheduling;

/// <summary>An event: time booked with a professional; a row of <c>events</c>.</summary>
public sealed class Appointment : IVersionedRow
{
    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    public required string Title { get; init; }

    public Guid ProfessionalId { get; init; }

    /// <summary>Null without one, and once the contact was deleted.</summary>
    public Guid? ContactId { get; init; }

    public DateTimeOffset StartsAt { get; init; }

    /// <summary>After the start, at most 7 days; the moment itself is free again.</summary>
    public DateTimeOffset EndsAt { get; init; }

    /// <summary>One of <see cref="AppointmentStatus"/>.</summary>
    public required string Status { get; init; }

    public string Location { get; init; } = "";

    public string Notes { get; init; } = "";

    public Guid? CreatedBy { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 when created, one more with each update; the API's ETag.</summary>
    public long Version { get; init; }

    /// <summary>Title and location in lower case, made by the database, for searching.</summary>
    public string Search { get; init; } = "";
}
