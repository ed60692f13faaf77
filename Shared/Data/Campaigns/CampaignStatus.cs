namespace Platform.Data.Campaigns;

/// <summary>What <c>campaigns.status</c> may be.</summary>
public static class CampaignStatus
{
    public const string Draft = "draft";
    public const string Scheduled = "scheduled";
    public const string Sending = "sending";
    public const string Paused = "paused";
    public const string Sent = "sent";
    public const string Cancelled = "cancelled";

    public static IReadOnlyList<string> All { get; } = [Draft, Scheduled, Sending, Paused, Sent, Cancelled];
}
