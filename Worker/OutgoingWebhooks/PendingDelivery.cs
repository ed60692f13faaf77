namespace Platform.Worker.OutgoingWebhooks;

/// <summary>A delivery that is still to be made, and what it takes.</summary>
/// <param name="Secret">Encrypted, as is <paramref name="PreviousSecret"/>.</param>
/// <param name="IsWanted">False when the endpoint is disabled or the tenant suspended.</param>
internal sealed record PendingDelivery(
    Guid EndpointId, Guid EventId, string EventType, string Payload, string Url, string Secret, string? PreviousSecret, bool IsWanted);
