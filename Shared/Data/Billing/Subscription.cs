namespace Platform.Data.Billing;

/// <summary>The one subscription of a tenant; a row of <c>subscriptions</c>.</summary>
public sealed class Subscription : ITenantOwned
{
    public Guid TenantId { get; init; }

    /// <summary>Always the tenant's; changed by <c>CALL change_plan</c>.</summary>
    public required string Plan { get; init; }

    /// <summary>One of <see cref="SubscriptionStatus"/>.</summary>
    public required string Status { get; init; }

    public int Seats { get; init; }

    public DateTimeOffset PeriodStart { get; init; }

    public DateTimeOffset PeriodEnd { get; init; }

    public bool CancelAtPeriodEnd { get; init; }

    public DateTimeOffset? TrialEnd { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 when created, one more with each update; the API's ETag.</summary>
    public long Version { get; init; }
}
