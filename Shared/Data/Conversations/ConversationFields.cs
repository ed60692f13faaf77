namespace Platform.Data.Conversations;

/// <summary>What may be changed of a conversation, after <see cref="ConversationRules"/> accepted it.</summary>
/// <param name="Status">One of <see cref="ConversationStatus"/>.</param>
public sealed record ConversationFields(string Status, string Subject, Guid? AssignedAgentId, Guid? AssignedTeamId);
