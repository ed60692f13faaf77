namespace Platform.Data.Billing;

/// <summary>How a tenant is billed, and its keys at the provider; none until first changed; a row of <c>billing_settings</c>.</summary>
public sealed class BillingSettings : ITenantOwned
{
    public Guid TenantId { get; init; }

    /// <summary>One of <see cref="BillingProviders"/>.</summary>
    public string Provider { get; init; } = BillingProviders.None;

    /// <summary>Made by <see cref="Security.SecretProtector"/>; never leaves the service.</summary>
    public string? SecretKey { get; init; }

    /// <summary>The key's last characters.</summary>
    public string? SecretKeyHint { get; init; }

    /// <summary>Made by <see cref="Security.SecretProtector"/>; never leaves the service.</summary>
    public string? WebhookSecret { get; init; }

    /// <summary>The secret's last characters.</summary>
    public string? WebhookSecretHint { get; init; }

    /// <summary>ISO 4217.</summary>
    public string Currency { get; init; } = "EUR";

    public string? BillingEmail { get; init; }

    public string? Company { get; init; }

    public string? TaxId { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 when created, one more with each update; the API's ETag.</summary>
    public long Version { get; init; }
}
