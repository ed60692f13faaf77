using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Conversations;

namespace Platform.Api.Features.Conversations;

/// <summary>What follows the commit of a change to conversations.</summary>
internal sealed class ConversationNotices(ChangeNotice notice)
{
    /// <summary>The tag of everything that is counted.</summary>
    public const string Subject = "conversations";

    /// <param name="what"><c>created</c> or <c>updated</c>.</param>
    public void Changed(TenantTransaction transaction, string what, Conversation row) =>
        notice.AfterCommit(transaction, $"conversation.{what}", ConversationChange.Of(row), Subject);

    public void Written(TenantTransaction transaction, Conversation conversation, Message message)
    {
        notice.AfterCommit(transaction, "message.created", MessageChange.Of(message), [], $"conversation:{conversation.Id}");
        Changed(transaction, "updated", conversation);
    }
}
