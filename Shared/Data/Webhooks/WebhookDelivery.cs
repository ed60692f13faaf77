namespace Platform.Data.Webhooks;

/// <summary>One event on its way to one endpoint; a row of <c>webhook_deliveries</c>.</summary>
public sealed class WebhookDelivery : ITenantOwned, IListedRow
{
    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    public Guid EndpointId { get; init; }

    /// <summary>Unique in the endpoint.</summary>
    public Guid EventId { get; init; }

    /// <summary>What the receiver knows the event by: its <c>webhook-id</c>.</summary>
    public string MessageId => MessageIdOf(EventId);

    public required string EventType { get; init; }

    /// <summary>The text that is signed.</summary>
    public required string Payload { get; init; }

    /// <summary>One of <see cref="WebhookDeliveryStatus"/>.</summary>
    public required string Status { get; init; }

    public int Attempts { get; init; }

    public int? ResponseStatus { get; init; }

    /// <summary>Its beginning, at most 2,000 characters.</summary>
    public string? ResponseBody { get; init; }

    public string? Error { get; init; }

    public int? DurationMs { get; init; }

    public Guid? JobId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public static string MessageIdOf(Guid eventId) => $"evt_{eventId:N}";
}
