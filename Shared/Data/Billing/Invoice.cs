namespace Platform.Data.Billing;

/// <summary>What a tenant owes or has paid; a row of <c>invoices</c>.</summary>
public sealed class Invoice : ITenantOwned
{
    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    /// <summary>Unique in the tenant.</summary>
    public required string Number { get; init; }

    public string Description { get; init; } = "";

    /// <summary>Hundredths of the currency's unit.</summary>
    public long AmountCents { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>One of <see cref="InvoiceStatus"/>.</summary>
    public required string Status { get; init; }

    public DateTimeOffset IssuedAt { get; init; }

    public DateTimeOffset DueAt { get; init; }

    /// <summary>Set exactly when it is paid.</summary>
    public DateTimeOffset? PaidAt { get; init; }

    /// <summary>1 when created, one more with each update; the API's ETag.</summary>
    public long Version { get; init; }
}
