using System.Text.Json;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Notifications;
using Platform.Events;
using Platform.Tenancy;

namespace Platform.Api.Features.Notifications;

/// <summary>Tells one user something, with the transaction it is about: the row, then the event to the user's own channel.</summary>
internal sealed class Notifier(TenantCache cache, ITenantEvents events)
{
    /// <summary>Of all users' lists, for changes that may touch many.</summary>
    public static CacheTag Tag(TenantId tenant) => CacheTag.For(tenant, Notification.CacheSubject);

    /// <summary>Of one user's lists.</summary>
    public static CacheTag Tag(TenantId tenant, Guid user) => CacheTag.ForUser(tenant, Notification.CacheSubject, user);

    /// <param name="user">A member of the tenant.</param>
    /// <param name="kind">Lower case, dotted: <c>conversation.assigned</c>.</param>
    /// <param name="link">Path of a page of the platform.</param>
    public async Task NotifyAsync(
        TenantTransaction transaction, Guid user, string kind, string title, string body, string? link, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7();
        await using var insert = transaction.CreateCommand(
            """
            INSERT INTO notifications (tenant_id, id, user_id, kind, title, body, link)
            VALUES ($1, $2, $3, $4, left($5, 200), left($6, 2000), $7)
            """);
        insert.Parameters.AddWithValue(transaction.Tenant.Value);
        insert.Parameters.AddWithValue(id);
        insert.Parameters.AddWithValue(user);
        insert.Parameters.AddWithValue(kind);
        insert.Parameters.AddWithValue(title);
        insert.Parameters.AddWithValue(body);
        insert.Parameters.Add(new() { Value = (object?)link ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await insert.ExecuteNonQueryAsync(cancellationToken);
        Changed(transaction, user, "notification.created", new { id, kind, title, link });
    }

    /// <summary>Drops the user's cached answers and tells the user's other windows.</summary>
    public void Changed(TenantTransaction transaction, Guid user, string what, object data) => transaction.AfterCommit(async () =>
    {
        await cache.InvalidateAsync(Tag(transaction.Tenant, user));
        await events.PublishAsync(
            transaction.Tenant,
            new TenantEvent(what, JsonSerializer.SerializeToElement(data, JsonSerializerOptions.Web), $"user:{user}"),
            CancellationToken.None);
    });
}
