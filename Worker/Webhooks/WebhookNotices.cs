using System.Text.Json;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Contacts;
using Platform.Data.Conversations;
using Platform.Events;

namespace Platform.Worker.Webhooks;

/// <summary>What follows the commit: cached counts are dropped, the tenant's users are told, as if the API had made the change.</summary>
internal sealed class WebhookNotices(TenantCache cache, ITenantEvents events)
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

    private void Tell(TenantTransaction transaction, string what, object data, string? channel = null) =>
        transaction.AfterCommit(async () => await events.PublishAsync(
            transaction.Tenant, new TenantEvent(what, JsonSerializer.SerializeToElement(data, JsonSerializerOptions.Web), channel),
            CancellationToken.None));
}
