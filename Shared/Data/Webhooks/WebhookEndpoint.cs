namespace Platform.Data.Webhooks;

/// <summary>An address of another system that is told of events; a row of <c>webhook_endpoints</c>.</summary>
public sealed class WebhookEndpoint : IWebhookRow
{
    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    public required string Url { get; init; }

    public string Description { get; init; } = "";

    /// <summary>Made by <see cref="Security.SecretProtector"/>; never leaves the service.</summary>
    public required string Secret { get; init; }

    /// <summary>Signs as well; as <see cref="Secret"/>.</summary>
    public string? PreviousSecret { get; init; }

    /// <summary>1 to 50.</summary>
    public string[] EventTypes { get; init; } = [];

    /// <summary>Failed deliveries in a row.</summary>
    public int FailureCount { get; init; }

    public DateTimeOffset? DisabledAt { get; init; }

    public string? DisabledReason { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 when created, one more with each update; the API's ETag.</summary>
    public long Version { get; init; }
}
