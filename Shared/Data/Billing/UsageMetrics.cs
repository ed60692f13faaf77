namespace Platform.Data.Billing;

/// <summary>What <c>usage_counters.metric</c> may be.</summary>
public static class UsageMetrics
{
    public const string Messages = "messages";
    public const string Imports = "imports";
    public const string Reports = "reports";
    public const string Campaigns = "campaigns";
}
