namespace Platform.Data.Notifications;

/// <summary>Something one user is told; a row of <c>notifications</c>.</summary>
public sealed class Notification : ITenantOwned
{
    /// <summary>What all users' cached lists depend on; each one's own depends on the same of that user as well.</summary>
    public const string CacheSubject = "notifications";

    public Guid TenantId { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    public Guid UserId { get; init; }

    /// <summary>Lower case, dotted: <c>conversation.assigned</c>.</summary>
    public required string Kind { get; init; }

    public required string Title { get; init; }

    public string Body { get; init; } = "";

    /// <summary>Path of a page of the platform.</summary>
    public string? Link { get; init; }

    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>Made by the database from <see cref="ReadAt"/>.</summary>
    public bool Read { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}
