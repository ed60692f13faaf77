namespace Platform.Data.Conversations;

/// <summary>What a tenant and one contact say to each other on a channel; a row of <c>conversations</c>.</summary>
public sealed class Conversation : ITenantOwned
{
    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    /// <summary>Null once the contact was deleted.</summary>
    public Guid? ContactId { get; init; }

    /// <summary>Follows the contact's name.</summary>
    public required string ContactName { get; init; }

    /// <summary>One of <see cref="Channels"/>.</summary>
    public required string Channel { get; init; }

    /// <summary>One of <see cref="ConversationStatus"/>.</summary>
    public required string Status { get; init; }

    public string Subject { get; init; } = "";

    public Guid? AssignedAgentId { get; init; }

    public Guid? AssignedTeamId { get; init; }

    public int UnreadCount { get; init; }

    /// <summary>Its beginning, at most 200 characters.</summary>
    public string? LastMessage { get; init; }

    public DateTimeOffset? LastMessageAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 when created, one more with each update; the API's ETag.</summary>
    public long Version { get; init; }

    /// <summary>Subject and contact's name in lower case, made by the database, for searching.</summary>
    public string Search { get; init; } = "";
}
