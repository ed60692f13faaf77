namespace Platform.Data.Webhooks;

/// <summary>What <c>webhook_events.status</c> may be.</summary>
public static class WebhookEventStatus
{
    public const string Received = "received";
    public const string Processed = "processed";
    public const string Ignored = "ignored";
    public const string Failed = "failed";
}
