using Microsoft.Extensions.Options;
using Platform.Data.Security;
using Platform.Data.Webhooks;
using Platform.Jobs;

namespace Platform.Worker.OutgoingWebhooks;

/// <summary>
/// Takes one event to one endpoint. It may come twice, should this process die between the answer and its record: the receiver knows it
/// by its <c>webhook-id</c>, which is the event's.
/// </summary>
internal sealed class DeliverWebhookHandler(
    DeliveryStore store, WebhookCaller caller, SecretProtector protector, IOptions<OutgoingWebhookOptions> options, TimeProvider time)
    : IJobHandler<DeliverWebhook>
{
    public async Task<object?> RunAsync(DeliverWebhook payload, JobContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await DeliverAsync(payload.DeliveryId, context, cancellationToken);
        }
        catch (OperationCanceledException) when (context.IsCancelled)
        {
            await store.DropAsync(payload.DeliveryId, "The delivery was cancelled.", CancellationToken.None);
            throw;
        }
    }

    private async Task<object?> DeliverAsync(Guid id, JobContext context, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(id, cancellationToken) is not { } delivery)
            return null;
        if (!delivery.IsWanted)
        {
            await store.DropAsync(id, "The endpoint is disabled.", cancellationToken);
            WorkerTelemetry.Delivered(WebhookDeliveryStatus.Dropped);
            return new { status = WebhookDeliveryStatus.Dropped };
        }
        using var request = StandardWebhook.Create(
            new Uri(delivery.Url), WebhookDelivery.MessageIdOf(delivery.EventId), time.GetUtcNow(), delivery.Payload, Secrets(context, delivery));
        var result = await caller.CallAsync(request, cancellationToken);
        var status = result.IsDelivered ? WebhookDeliveryStatus.Delivered
            : result.IsGone || context.IsLastAttempt ? WebhookDeliveryStatus.Failed
            : WebhookDeliveryStatus.Pending;
        // Made is made: it is recorded even if the worker is being stopped.
        await store.RecordAsync(id, delivery, result, status, options.Value.MaxFailures, CancellationToken.None);
        WorkerTelemetry.Delivered(status == WebhookDeliveryStatus.Pending ? "retrying" : status);
        return result switch
        {
            { IsDelivered: true } => new { status, responseStatus = (int)result.Status! },
            { IsGone: true } => throw new PermanentJobException(result.Error!),
            _ => throw new JobException(result.Error!),
        };
    }

    private IEnumerable<string> Secrets(JobContext context, PendingDelivery delivery)
    {
        yield return WebhookSecrets.Unprotect(protector, context.Tenant, delivery.EndpointId, delivery.Secret);
        if (delivery.PreviousSecret is { } previous)
            yield return WebhookSecrets.Unprotect(protector, context.Tenant, delivery.EndpointId, previous);
    }
}
