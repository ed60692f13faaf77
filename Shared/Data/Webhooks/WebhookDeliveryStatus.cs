namespace Platform.Data.Webhooks;

/// <summary>What <c>webhook_deliveries.status</c> may be.</summary>
public static class WebhookDeliveryStatus
{
    public const string Pending = "pending";
    public const string Delivered = "delivered";
    public const string Failed = "failed";
    public const string Dropped = "dropped";
}
