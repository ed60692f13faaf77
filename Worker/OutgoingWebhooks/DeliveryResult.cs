using System.Net;

namespace Platform.Worker.OutgoingWebhooks;

/// <summary>What came of one call.</summary>
/// <param name="Status">Null when there was no answer.</param>
/// <param name="Body">The beginning of the answer's.</param>
/// <param name="Error">A sentence for the tenant; null when the call was taken.</param>
internal sealed record DeliveryResult(HttpStatusCode? Status, string? Body, string? Error, TimeSpan Duration)
{
    public bool IsDelivered => Error is null;

    /// <summary>Whether the endpoint asked not to be called again.</summary>
    public bool IsGone => Status == HttpStatusCode.Gone;
}
