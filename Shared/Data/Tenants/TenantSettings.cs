namespace Platform.Data.Tenants;

/// <summary>How a tenant wants the platform to look and speak; none until first changed; a row of <c>tenant_settings</c>.</summary>
public sealed class TenantSettings : ITenantOwned
{
    public Guid TenantId { get; init; }

    /// <summary>IANA name.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>BCP 47 tag.</summary>
    public string Locale { get; init; } = "en";

    /// <summary>Six hexadecimal digits, lower case, after <c>#</c>.</summary>
    public string BrandColor { get; init; } = "#3b5bdb";

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 when created, one more with each update; the API's ETag.</summary>
    public long Version { get; init; }
}
