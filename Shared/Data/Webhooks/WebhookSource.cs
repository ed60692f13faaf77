namespace Platform.Data.Webhooks;

/// <summary>Another system that calls this one; a row of <c>webhook_sources</c>.</summary>
public sealed class WebhookSource : IWebhookRow
{
    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    /// <summary>One of <see cref="WebhookProviders"/>.</summary>
    public required string Provider { get; init; }

    /// <summary>Its address; random, unique in the whole deployment.</summary>
    public required string Slug { get; init; }

    public required string Name { get; init; }

    /// <summary>Made by <see cref="Security.SecretProtector"/>; never leaves the service.</summary>
    public required string Secret { get; init; }

    /// <summary>Still accepted; as <see cref="Secret"/>.</summary>
    public string? PreviousSecret { get; init; }

    /// <summary>Made by <see cref="Security.SecretProtector"/>; never leaves the service.</summary>
    public string? VerifyToken { get; init; }

    public DateTimeOffset? DisabledAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 when created, one more with each update; the API's ETag.</summary>
    public long Version { get; init; }
}
