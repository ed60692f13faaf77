namespace Platform.Data.Billing;

/// <summary>How much of something a tenant used in a month; a row of <c>usage_counters</c>.</summary>
public sealed class UsageCounter : ITenantOwned
{
    public Guid TenantId { get; init; }

    /// <summary>One of <see cref="UsageMetrics"/>.</summary>
    public required string Metric { get; init; }

    /// <summary>First day of the month, UTC.</summary>
    public DateOnly Period { get; init; }

    public long Value { get; init; }
}
