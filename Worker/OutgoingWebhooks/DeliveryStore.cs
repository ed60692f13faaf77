using Npgsql;
using NpgsqlTypes;
using Platform.Data;

namespace Platform.Worker.OutgoingWebhooks;

/// <summary>Deliveries and the standing of their endpoints; everything in the current tenant.</summary>
internal sealed class DeliveryStore(PlatformDb db, EndpointNotices notices)
{
    /// <returns>Null when it was made already, or went with its endpoint.</returns>
    public async Task<PendingDelivery?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        // Indexes: webhook_deliveries_pkey, webhook_endpoints_pkey, tenants_pkey.
        await using var command = transaction.CreateTenantCommand(
            """
            SELECT d.endpoint_id, d.event_id, d.event_type, d.payload, e.url, e.secret, e.previous_secret,
                e.disabled_at IS NULL AND t.suspended_at IS NULL
            FROM webhook_deliveries d
            JOIN webhook_endpoints e ON e.tenant_id = d.tenant_id AND e.id = d.endpoint_id
            JOIN tenants t ON t.id = d.tenant_id
            WHERE d.tenant_id = $1 AND d.id = $2 AND d.status NOT IN ('delivered', 'dropped')
            """,
            id);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new PendingDelivery(
                row.GetGuid(0), row.GetGuid(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5),
                row.IsDBNull(6) ? null : row.GetString(6), row.GetBoolean(7))
            : null;
    }

    /// <summary>Records that it won't be made.</summary>
    public async Task DropAsync(Guid id, string reason, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        // Index: webhook_deliveries_pkey.
        await using var command = transaction.CreateTenantCommand(
            """
            UPDATE webhook_deliveries SET status = 'dropped', error = $3, finished_at = now()
            WHERE tenant_id = $1 AND id = $2 AND status NOT IN ('delivered', 'dropped')
            """,
            id, reason);
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Records a call and, once nothing more is tried, what it says of the endpoint.</summary>
    /// <param name="status">One of <see cref="Data.Webhooks.WebhookDeliveryStatus"/>.</param>
    /// <param name="maxFailures">With so many failures in a row the endpoint is disabled.</param>
    public async Task RecordAsync(
        Guid id, PendingDelivery delivery, DeliveryResult result, string status, int maxFailures, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        // Index: webhook_deliveries_pkey.
        await using var command = transaction.CreateTenantCommand(
            """
            UPDATE webhook_deliveries
            SET status = $3, attempts = attempts + 1, response_status = $4, response_body = $5, error = $6, duration_ms = $7,
                finished_at = CASE WHEN $3 <> 'pending' THEN now() END
            WHERE tenant_id = $1 AND id = $2
            """,
            id, status);
        command.Parameters.AddNullable(NpgsqlDbType.Integer, (int?)result.Status);
        command.Parameters.AddNullable(NpgsqlDbType.Text, result.Body is { Length: > 0 } body ? body : null);
        command.Parameters.AddNullable(NpgsqlDbType.Text, result.Error);
        command.Parameters.AddNullable(NpgsqlDbType.Integer, (int)Math.Min(result.Duration.TotalMilliseconds, int.MaxValue));
        await command.ExecuteNonQueryAsync(cancellationToken);

        if (result.IsDelivered)
            await SucceededAsync(transaction, delivery.EndpointId, cancellationToken);
        else if (status != Data.Webhooks.WebhookDeliveryStatus.Pending)
            await FailedAsync(transaction, delivery.EndpointId, result.IsGone, maxFailures, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task SucceededAsync(TenantTransaction transaction, Guid endpoint, CancellationToken cancellationToken)
    {
        // Index: webhook_endpoints_pkey.
        await using var command = transaction.CreateTenantCommand(
            "UPDATE webhook_endpoints SET failure_count = 0 WHERE tenant_id = $1 AND id = $2 AND failure_count > 0",
            endpoint);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Counting isn't a change an administrator's own would conflict with, so the version moves with the disabling only.</summary>
    private async Task FailedAsync(
        TenantTransaction transaction, Guid endpoint, bool isGone, int maxFailures, CancellationToken cancellationToken)
    {
        // Index: webhook_endpoints_pkey.
        await using var command = transaction.CreateTenantCommand(
            """
            WITH counted AS (
                UPDATE webhook_endpoints SET failure_count = failure_count + 1
                WHERE tenant_id = $1 AND id = $2 AND disabled_at IS NULL AND NOT ($3 OR failure_count + 1 >= $4)
            )
            UPDATE webhook_endpoints
            SET failure_count = failure_count + 1, disabled_at = now(), updated_at = now(), version = version + 1,
                disabled_reason = CASE WHEN $3 THEN 'The endpoint answered that it is gone (410).'
                    ELSE format('%s deliveries in a row failed.', failure_count + 1) END
            WHERE tenant_id = $1 AND id = $2 AND disabled_at IS NULL AND ($3 OR failure_count + 1 >= $4)
            RETURNING url, disabled_reason
            """,
            endpoint, isGone, maxFailures);
        string? url = null, reason = null;
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (await row.ReadAsync(cancellationToken))
                (url, reason) = (row.GetString(0), row.GetString(1));
        }
        if (url is not null)
            await notices.DisabledAsync(transaction, endpoint, url, reason!, cancellationToken);
    }
}
