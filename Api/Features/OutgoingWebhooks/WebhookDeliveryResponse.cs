using Platform.Data.Webhooks;

namespace Platform.Api.Features.OutgoingWebhooks;

/// <summary>
/// One event on its way to one endpoint. Neither what was told nor what was answered is shown: both may hold what the reader of this list may
/// not read.
/// </summary>
/// <param name="EventId">What the receiver knows it by, in its <c>webhook-id</c>.</param>
/// <param name="Status">One of <see cref="WebhookDeliveryStatus"/>.</param>
/// <param name="Attempts">Calls made, those of redeliveries included.</param>
/// <param name="ResponseStatus">The last call's; null when it wasn't answered.</param>
/// <param name="DurationMs">Milliseconds the last call took.</param>
/// <param name="Error">What was wrong with the last call.</param>
/// <param name="JobId">The latest job that makes it; its status is at <c>/api/jobs/{id}/status</c>.</param>
internal sealed record WebhookDeliveryResponse(
    Guid Id, string EventId, string EventType, string Status, int Attempts, int? ResponseStatus, int? DurationMs, string? Error, Guid? JobId,
    DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt)
{
    /// <param name="row">Perhaps without its payload and the answer's body.</param>
    public static WebhookDeliveryResponse From(WebhookDelivery row) => new(
        row.Id, row.MessageId, row.EventType, row.Status, row.Attempts, row.ResponseStatus, row.DurationMs, row.Error, row.JobId, row.CreatedAt,
        row.FinishedAt);
}
