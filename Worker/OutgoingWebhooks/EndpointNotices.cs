using Platform.Caching;
using Platform.Data;
using Platform.Data.Notifications;
using Platform.Data.Webhooks;
using Platform.Tenancy;
using Platform.Worker.Events;

namespace Platform.Worker.OutgoingWebhooks;

/// <summary>Tells those who look after a tenant's endpoints.</summary>
internal sealed class EndpointNotices(TenantCache cache, TenantNotices notices)
{
    private const string Kind = "webhook.disabled", Title = "A webhook endpoint was disabled", Link = "/admin/webhooks";

    /// <summary>A notification in the transaction for each who may manage endpoints; they and the others hear of it after the commit.</summary>
    public async Task DisabledAsync(
        TenantTransaction transaction, Guid endpoint, string url, string reason, CancellationToken cancellationToken)
    {
        var host = new Uri(url).Host;
        // Indexes: role_permissions_pkey, membership_roles_role_idx; notifications' own are appended to.
        await using var insert = transaction.CreateTenantCommand(
            """
            INSERT INTO notifications (tenant_id, id, user_id, kind, title, body, link)
            SELECT DISTINCT ON (m.user_id) $1, uuidv7(), m.user_id, $2, $3, left($4, 2000), $5
            FROM role_permissions p JOIN membership_roles m ON m.tenant_id = p.tenant_id AND m.role_id = p.role_id
            WHERE p.tenant_id = $1 AND p.permission = $6
            RETURNING id, user_id
            """,
            Kind, Title, $"{host}: {reason}", Link, Permissions.WebhooksManage);
        await using (var row = await insert.ExecuteReaderAsync(cancellationToken))
        {
            while (await row.ReadAsync(cancellationToken))
                Notified(transaction, row.GetGuid(0), row.GetGuid(1));
        }
        transaction.AfterCommit(() => new(cache.InvalidateAsync(CacheTag.For(transaction.Tenant, IWebhookRow.CacheSubject))));
        notices.Show(transaction, "webhook.endpoint_disabled", new { id = endpoint, url, reason });
    }

    private void Notified(TenantTransaction transaction, Guid id, Guid user)
    {
        transaction.AfterCommit(() => new(cache.InvalidateAsync(CacheTag.ForUser(transaction.Tenant, Notification.CacheSubject, user))));
        notices.Show(transaction, "notification.created", new { id, kind = Kind, title = Title, link = Link }, $"user:{user}");
    }
}
