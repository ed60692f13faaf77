namespace Platform.Data.Conversations;

/// <summary>
/// The data of the events <c>message.created</c> and <c>message.updated</c>, in the channel <c>conversation:{id}</c>. The body is read
/// from the API: events are small.
/// </summary>
public sealed record MessageChange(Guid Id, Guid ConversationId, string Direction, string Status, string AuthorName, DateTimeOffset CreatedAt)
{
    public static MessageChange Of(Message row) =>
        new(row.Id, row.ConversationId, row.Direction, row.Status, row.AuthorName, row.CreatedAt);
}
