namespace Platform.Data.Conversations;

/// <summary>Something said in a conversation; a row of <c>messages</c>.</summary>
public sealed class Message : ITenantOwned, IListedRow
{
    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    public Guid ConversationId { get; init; }

    /// <summary>The conversation's.</summary>
    public required string Channel { get; init; }

    /// <summary>One of <see cref="MessageDirection"/>.</summary>
    public required string Direction { get; init; }

    /// <summary>The member who wrote it; null for the contact's.</summary>
    public Guid? AuthorId { get; init; }

    public required string AuthorName { get; init; }

    /// <summary>At most 8,000 characters.</summary>
    public required string Body { get; init; }

    /// <summary>The channel's own id, unique in tenant and channel.</summary>
    public string? ExternalId { get; init; }

    /// <summary>One of <see cref="MessageStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>1 when created, one more with each update; the API's ETag.</summary>
    public long Version { get; init; }
}
