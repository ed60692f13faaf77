namespace Platform.Data.Webhooks;

/// <summary>A call that came in from a source; a row of <c>webhook_events</c>.</summary>
public sealed class WebhookEvent : ITenantOwned
{
    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    public Guid SourceId { get; init; }

    /// <summary>The sender's id, or a hash of the body; unique in the source.</summary>
    public required string ExternalId { get; init; }

    /// <summary>The body as it came.</summary>
    public required byte[] Payload { get; init; }

    /// <summary>One of <see cref="WebhookEventStatus"/>.</summary>
    public required string Status { get; init; }

    public string? Error { get; init; }

    public DateTimeOffset ReceivedAt { get; init; }

    public DateTimeOffset? ProcessedAt { get; init; }
}
