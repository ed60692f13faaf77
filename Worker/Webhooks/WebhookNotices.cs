using System.Text.Json;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Contacts;
using Platform.Data.Conversations;
using Platform.Data.Webhooks;
using Platform.Events;

namespace Platform.Worker.Webhooks;

/// <summary>What a call's change entails, as if the API had made it: cached counts are dropped, the tenant's users and endpoints are told.</summary>
internal sealed class WebhookNotices(TenantCache cache, ITenantEvents events, WebhookOutbox outbox)
{
    public void ContactCreated(TenantTransaction transaction, Contact row) =>
        Tell(transaction, "contact.created", new { row.Id, row.Name, row.Email, row.Phone });

    public void Received(TenantTransaction transaction, Conversation conversation, Message message, bool isOpened)
    {
        transaction.AfterCommit(() => new(cache.InvalidateAsync(CacheTag.For(transaction.Tenant, "conversations"))));
        Tell(transaction, "message.created", MessageChange.Of(message), $"conversation:{conversation.Id}");
        Tell(transaction, isOpened ? "conversation.created" : "conversation.updated", ConversationChange.Of(conversation));
    }

    public void Updated(TenantTransaction transaction, Message message) =>
        Tell(transaction, "message.updated", MessageChange.Of(message), $"conversation:{message.ConversationId}");

    private void Tell(TenantTransaction transaction, string what, object data, string? channel = null)
    {
        var json = JsonSerializer.SerializeToElement(data, JsonSerializerOptions.Web);
        outbox.Add(transaction, new OutgoingEvent(what, json));
        transaction.AfterCommit(async () =>
            await events.PublishAsync(transaction.Tenant, new TenantEvent(what, json, channel), CancellationToken.None));
    }
}
