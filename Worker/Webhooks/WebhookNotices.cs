using Platform.Caching;
using Platform.Data;
using Platform.Data.Contacts;
using Platform.Data.Conversations;
using Platform.Worker.Events;

namespace Platform.Worker.Webhooks;

/// <summary>What a call's change entails, as if the API had made it: cached counts are dropped, the tenant's users and endpoints are told.</summary>
internal sealed class WebhookNotices(TenantCache cache, TenantNotices notices)
{
    public void ContactCreated(TenantTransaction transaction, Contact row) =>
        notices.Tell(transaction, "contact.created", new { row.Id, row.Name, row.Email, row.Phone });

    public void Received(TenantTransaction transaction, Conversation conversation, Message message, bool isOpened)
    {
        transaction.AfterCommit(() => new(cache.InvalidateAsync(CacheTag.For(transaction.Tenant, "conversations"))));
        notices.Tell(transaction, "message.created", MessageChange.Of(message), $"conversation:{conversation.Id}");
        notices.Tell(transaction, isOpened ? "conversation.created" : "conversation.updated", ConversationChange.Of(conversation));
    }

    public void Updated(TenantTransaction transaction, Message message) =>
        notices.Tell(transaction, "message.updated", MessageChange.Of(message), $"conversation:{message.ConversationId}");
}
