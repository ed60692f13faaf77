using Platform.Api.Http;
using Platform.Data.Conversations;

namespace Platform.Api.Features.Conversations;

/// <summary>A new conversation; see <see cref="ConversationRules"/>.</summary>
/// <param name="ContactId">Whom it is with.</param>
/// <param name="Channel">One of <see cref="Channels"/>.</param>
internal sealed record NewConversationInput(
    Guid? ContactId, string? Channel, string? Subject, Guid? AssignedAgentId, Guid? AssignedTeamId);

/// <summary>What may be changed of a conversation; it is replaced as a whole, so what is left out is emptied.</summary>
internal sealed record ConversationInput(string? Status, string? Subject, Guid? AssignedAgentId, Guid? AssignedTeamId);

internal sealed record MessageInput(string? Body);

internal sealed record ConversationResponse(
    Guid Id, Guid? ContactId, string ContactName, string Channel, string Status, string Subject, Guid? AssignedAgentId, Guid? AssignedTeamId,
    int UnreadCount, string? LastMessage, DateTimeOffset? LastMessageAt, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Version)
    : IVersioned
{
    public static ConversationResponse From(Conversation row) => new(
        row.Id, row.ContactId, row.ContactName, row.Channel, row.Status, row.Subject, row.AssignedAgentId, row.AssignedTeamId,
        row.UnreadCount, row.LastMessage, row.LastMessageAt, row.CreatedAt, row.UpdatedAt, row.Version);
}

internal sealed record MessageResponse(
    Guid Id, Guid ConversationId, string Channel, string Direction, Guid? AuthorId, string AuthorName, string Body, string Status, string? Error,
    DateTimeOffset CreatedAt)
{
    public static MessageResponse From(Message row) => new(
        row.Id, row.ConversationId, row.Channel, row.Direction, row.AuthorId, row.AuthorName, row.Body, row.Status, row.Error, row.CreatedAt);
}

/// <summary>How many conversations there are. Each is null beyond <see cref="ConversationQueries.MaxCounted"/>.</summary>
/// <param name="Unassigned">Open or pending, and nobody's.</param>
/// <param name="Mine">Open or pending, and the caller's.</param>
internal sealed record ConversationCounts(long? Open, long? Pending, long? Resolved, long? Closed, long? Unassigned, long? Mine);
