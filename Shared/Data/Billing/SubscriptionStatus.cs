namespace Platform.Data.Billing;

/// <summary>What <c>subscriptions.status</c> may be.</summary>
public static class SubscriptionStatus
{
    public const string Trialing = "trialing";
    public const string Active = "active";
    public const string PastDue = "past_due";
    public const string Cancelled = "cancelled";
}
