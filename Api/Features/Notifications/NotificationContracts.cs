using Platform.Data.Notifications;

namespace Platform.Api.Features.Notifications;

internal sealed record NotificationResponse(
    Guid Id, string Kind, string Title, string Body, string? Link, bool Read, DateTimeOffset? ReadAt, DateTimeOffset CreatedAt)
{
    public static NotificationResponse From(Notification row) =>
        new(row.Id, row.Kind, row.Title, row.Body, row.Link, row.Read, row.ReadAt, row.CreatedAt);
}

/// <param name="Unread">Null beyond 10,000.</param>
internal sealed record UnreadResponse(long? Unread);

/// <param name="Marked">How many were unread before.</param>
internal sealed record MarkedResponse(int Marked);
