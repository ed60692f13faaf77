namespace Platform.Data.Conversations;

/// <summary>The data of the events <c>conversation.created</c> and <c>conversation.updated</c>: what a row of the inbox shows.</summary>
public sealed record ConversationChange(
    Guid Id, Guid? ContactId, string ContactName, string Channel, string Status, string Subject, Guid? AssignedAgentId, Guid? AssignedTeamId,
    int UnreadCount, string? LastMessage, DateTimeOffset? LastMessageAt, DateTimeOffset UpdatedAt, long Version)
{
    public static ConversationChange Of(Conversation row) => new(
        row.Id, row.ContactId, row.ContactName, row.Channel, row.Status, row.Subject, row.AssignedAgentId, row.AssignedTeamId,
        row.UnreadCount, row.LastMessage, row.LastMessageAt, row.UpdatedAt, row.Version);
}
