namespace Platform.Data.Campaigns;

/// <summary>One message to many contacts; a row of <c>campaigns</c>.</summary>
public sealed class Campaign : IVersionedRow
{
    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    public required string Name { get; init; }

    /// <summary>One of <see cref="Conversations.Channels"/>.</summary>
    public required string Channel { get; init; }

    public string Subject { get; init; } = "";

    /// <summary>At most 8,000 characters.</summary>
    public required string Body { get; init; }

    /// <summary>One of <see cref="CampaignStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>A JSON object: whom it goes to.</summary>
    public string Audience { get; init; } = "{}";

    public DateTimeOffset? ScheduledAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When all of its recipients were known.</summary>
    public DateTimeOffset? GatheredAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public int Recipients { get; init; }

    public int Sent { get; init; }

    public int Delivered { get; init; }

    public int Read { get; init; }

    public int Failed { get; init; }

    public Guid? JobId { get; init; }

    public Guid? CreatedBy { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 when created, one more with each update; the API's ETag.</summary>
    public long Version { get; init; }

    /// <summary>Name and subject in lower case, made by the database, for searching.</summary>
    public string Search { get; init; } = "";
}
