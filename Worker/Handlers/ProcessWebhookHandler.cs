using Platform.Data;
using Platform.Data.Webhooks;
using Platform.Jobs;
using Platform.Worker.Webhooks;

namespace Platform.Worker.Handlers;

/// <summary>
/// Does what one sender says in a stored call, in one transaction. What can't be used is recorded with its reason and isn't tried again;
/// done twice, it has the effect of once.
/// </summary>
internal sealed class ProcessWebhookHandler(PlatformDb db, WebhookStore store, WebhookNotices notices) : IJobHandler<ProcessWebhook>
{
    public async Task<object?> RunAsync(ProcessWebhook payload, JobContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await ProcessAsync(payload, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException && context.IsLastAttempt)
        {
            await using var transaction = await db.BeginAsync(CancellationToken.None);
            await WebhookStore.FinishAsync(
                transaction, payload.EventId, WebhookEventStatus.Failed, "It couldn't be processed.", CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
            throw;
        }
    }

    private async Task<object?> ProcessAsync(ProcessWebhook payload, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var call = await WebhookStore.FindAsync(transaction, payload.EventId, cancellationToken)
            ?? throw new PermanentJobException("The call no longer exists.");
        var (done, reasons, position) = (0, new List<string>(), 0);
        foreach (var item in WebhookPayload.Read(call.Provider, call.Payload).Where(item => item.Lane == payload.Lane))
        {
            var reason = item switch
            {
                IncomingMessage message => await ReceiveAsync(transaction, call, message, position++, cancellationToken),
                MessageDelivery delivery => await UpdateAsync(transaction, call, delivery, cancellationToken),
                IgnoredItem ignored => ignored.Reason,
                _ => throw new InvalidOperationException($"Nothing is done about {item.GetType().Name}."),
            };
            if (reason is null)
                done++;
            else if (!reasons.Contains(reason))
                reasons.Add(reason);
        }
        await WebhookStore.FinishAsync(
            transaction, payload.EventId, done > 0 ? WebhookEventStatus.Processed : WebhookEventStatus.Ignored,
            reasons.Count > 0 ? string.Join(' ', reasons) : null, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new { done, ignored = reasons };
    }

    /// <returns>Why nothing was done; null when it was.</returns>
    private async Task<string?> ReceiveAsync(
        TenantTransaction transaction, StoredCall call, IncomingMessage message, int position, CancellationToken cancellationToken)
    {
        var externalId = call.ExternalId(message.ExternalId, position);
        if (await store.IsKnownAsync(message.Channel, externalId, cancellationToken))
            return null;
        var (contact, isNew) = await store.ContactAsync(message, cancellationToken);
        if (contact is null)
            return "The sender's phone number or e-mail address isn't valid.";
        var (conversation, row, isOpened) = await store.AddAsync(contact, message, externalId, cancellationToken);
        if (isNew)
            notices.ContactCreated(transaction, contact);
        notices.Received(transaction, conversation, row, isOpened);
        return null;
    }

    private async Task<string?> UpdateAsync(
        TenantTransaction transaction, StoredCall call, MessageDelivery delivery, CancellationToken cancellationToken)
    {
        var ids = call.ExternalIds(delivery.ExternalId);
        if (await store.UpdateAsync(delivery, ids, cancellationToken) is { } row)
            notices.Updated(transaction, row);
        else if (!await store.IsKnownAsync(delivery.Channel, ids, cancellationToken))
            return "A status of a message that isn't known.";
        return null;
    }
}
