using System.Text.Json;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Conversations;
using Platform.Events;

namespace Platform.Api.Features.Conversations;

/// <summary>What follows the commit of a change to conversations.</summary>
internal sealed class ConversationNotices(ChangeNotice notice, ITenantEvents events)
{
    /// <summary>The tag of everything that is counted.</summary>
    public const string Subject = "conversations";

    /// <param name="what"><c>created</c> or <c>updated</c>.</param>
    public void Changed(TenantTransaction transaction, string what, Conversation row) =>
        notice.AfterCommit(transaction, $"conversation.{what}", ConversationChange.Of(row), Subject);

    public void Written(TenantTransaction transaction, Conversation conversation, Message message)
    {
        transaction.AfterCommit(async () => await events.PublishAsync(
            transaction.Tenant,
            new TenantEvent(
                "message.created", JsonSerializer.SerializeToElement(MessageChange.Of(message), JsonSerializerOptions.Web),
                $"conversation:{conversation.Id}"),
            CancellationToken.None));
        Changed(transaction, "updated", conversation);
    }
}
