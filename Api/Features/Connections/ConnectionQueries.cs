using Microsoft.EntityFrameworkCore;
using Platform.Api.Http;
using Platform.Data;

namespace Platform.Api.Features.Connections;

/// <summary>Reads the state of the current tenant's webhook sources and endpoints.</summary>
internal static class ConnectionQueries
{
    private const int MaxCounted = 1000;

    /// <summary>
    /// Newest first. Indexes: webhook_sources_created_idx and webhook_endpoints_created_idx for the page; for each row of it
    /// webhook_events_source_idx and webhook_events_unfinished_idx, or webhook_deliveries_endpoint_idx and webhook_deliveries_delivered_idx.
    /// </summary>
    public static async Task<Page<ConnectionHealthResponse>?> PageAsync(
        PlatformDb db, ListQuestion ask, CursorCodec cursors, CancellationToken cancellationToken)
    {
        var (tenant, createdAt, id, reach) = (db.Tenant.Value, ask.AfterCreatedAt, ask.AfterId, ask.Skip + ask.Take);
        var rows = await db.Database.SqlQuery<ConnectionHealthResponse>(
            $"""
            SELECT c.id AS "Id", c.kind AS "Kind", c.name AS "Name",
                CASE WHEN c.disabled_at IS NOT NULL THEN 'disabled'
                    WHEN c.failures > 0 OR e.failed > 0 THEN 'failing'
                    WHEN COALESCE(e.last_at, d.last_at) > now() - interval '24 hours' THEN 'healthy'
                    ELSE 'idle' END AS "State",
                COALESCE(e.last_at, d.last_at) AS "LastCallAt", d.success_at AS "LastSuccessAt",
                e.failed AS "FailedCalls", e.waiting AS "WaitingCalls", c.failures AS "FailureCount",
                c.disabled_at AS "DisabledAt", c.disabled_reason AS "DisabledReason", c.created_at AS "CreatedAt"
            FROM (
                (SELECT id, 'source' AS kind, name, NULL::integer AS failures, disabled_at, NULL AS disabled_reason, created_at
                FROM webhook_sources
                WHERE tenant_id = {tenant} AND ({createdAt}::timestamptz IS NULL OR (created_at, id) < ({createdAt}, {id}))
                ORDER BY created_at DESC, id DESC LIMIT {reach})
                UNION ALL
                (SELECT id, 'endpoint', COALESCE(NULLIF(description, ''), url), failure_count, disabled_at, disabled_reason, created_at
                FROM webhook_endpoints
                WHERE tenant_id = {tenant} AND ({createdAt}::timestamptz IS NULL OR (created_at, id) < ({createdAt}, {id}))
                ORDER BY created_at DESC, id DESC LIMIT {reach})
                ORDER BY created_at DESC, id DESC OFFSET {ask.Skip} LIMIT {ask.Take}
            ) c
            LEFT JOIN LATERAL (
                SELECT (SELECT max(received_at) FROM webhook_events WHERE tenant_id = {tenant} AND source_id = c.id) AS last_at,
                    (SELECT count(*) FROM (
                        SELECT FROM webhook_events
                        WHERE tenant_id = {tenant} AND source_id = c.id AND status = 'failed' AND received_at > now() - interval '24 hours'
                        LIMIT {MaxCounted}) f) AS failed,
                    (SELECT count(*) FROM (
                        SELECT FROM webhook_events
                        WHERE tenant_id = {tenant} AND source_id = c.id AND status = 'received' AND received_at > now() - interval '24 hours'
                        LIMIT {MaxCounted}) w) AS waiting
            ) e ON c.kind = 'source'
            LEFT JOIN LATERAL (
                SELECT (SELECT max(created_at) FROM webhook_deliveries WHERE tenant_id = {tenant} AND endpoint_id = c.id) AS last_at,
                    (SELECT max(finished_at) FROM webhook_deliveries
                    WHERE tenant_id = {tenant} AND endpoint_id = c.id AND status = 'delivered') AS success_at
            ) d ON c.kind = 'endpoint'
            ORDER BY c.created_at DESC, c.id DESC
            """).ToListAsync(cancellationToken);
        var all = db.WebhookSources.Select(row => row.Id).Concat(db.WebhookEndpoints.Select(row => row.Id));
        var total = await ask.TotalAsync(rows.Count, all, cancellationToken);
        return ask.Page(rows, total, row => new Cursor(row.CreatedAt, row.Id), cursors);
    }
}
