namespace Platform.Data.Campaigns;

/// <summary>What <c>campaign_recipients.state</c> may be.</summary>
public static class RecipientState
{
    public const string Pending = "pending";
    public const string Sending = "sending";
    public const string Sent = "sent";
    public const string Delivered = "delivered";
    public const string Read = "read";
    public const string Failed = "failed";
    public const string Skipped = "skipped";

    public static IReadOnlyList<string> All { get; } = [Pending, Sending, Sent, Delivered, Read, Failed, Skipped];
}
