using Platform.Data.Images;
using Platform.Data.Notifications;
using Platform.Data.Reports;
using Platform.Worker.Images;
using Platform.Worker.OutgoingWebhooks;

namespace Platform.Worker.CleanUp;

/// <summary>One kind of rows that are deleted, or ended.</summary>
/// <param name="Kind">For results and figures.</param>
/// <param name="Keep">How long they are kept.</param>
/// <param name="Sql">Deletes at most <c>$3</c> rows older than <c>$2</c>, of tenant <c>$1</c>, and gives their number.</param>
/// <param name="Share">One row of it stands for so many of others.</param>
/// <param name="CacheSubject">What the tenant's cached answers that show such rows depend on; null where none do for long.</param>
internal sealed record CleanUpStep(
    string Kind, Func<CleanUpOptions, TimeSpan> Keep, string Sql, int Share = 1, string? CacheSubject = null)
{
    public const string ReportFiles = "report_files";

    /// <summary>A tenant's rows, under its policies; the index each finds them by stands beside it.</summary>
    public static IReadOnlyList<CleanUpStep> OfTenant { get; } =
    [
        // reports_expiry_idx, report_files_pkey. When a file ends was said when it was written.
        new(ReportFiles, _ => TimeSpan.Zero,
            """
            WITH expired AS (
                UPDATE reports SET status = 'expired', version = version + 1
                WHERE tenant_id = $1 AND status = 'completed' AND id IN (
                    SELECT id FROM reports WHERE tenant_id = $1 AND status = 'completed' AND expires_at < now() - $2
                    ORDER BY expires_at LIMIT $3)
                RETURNING id
            ), dropped AS (
                DELETE FROM report_files f USING expired e WHERE f.tenant_id = $1 AND f.report_id = e.id
            )
            SELECT count(*) FROM expired
            """,
            Share: 20, CacheSubject: ReportFile.CacheSubject),
        // reports_created_idx
        new("reports", options => options.Reports, Old("reports", "id", "created_at", "status IN ('failed', 'cancelled', 'expired')"),
            CacheSubject: ReportFile.CacheSubject),
        // idempotency_records_age_idx
        new("idempotency_records", options => options.IdempotencyRecords, Old("idempotency_records", "route, key", "created_at")),
        // webhook_events_received_idx
        new("webhook_events", options => options.WebhookEvents, Old("webhook_events", "id", "received_at")),
        // See there, of both. A moment's grace for those just heard of.
        new("abandoned_uploads", _ => TimeSpan.FromMinutes(10),
            AbandonedUploads.End("AND i.updated_at < now() - $2 LIMIT $3") + " SELECT count(*) FROM ended",
            CacheSubject: ImageKinds.CacheSubject),
        new("abandoned_deliveries", _ => TimeSpan.FromMinutes(10),
            $"""
            WITH ended AS ({AbandonedDeliveries.End("AND d.created_at < now() - $2 LIMIT $3")} RETURNING 1)
            SELECT count(*) FROM ended
            """),
        // webhook_deliveries_created_idx
        new("webhook_deliveries", options => options.WebhookDeliveries,
            Old("webhook_deliveries", "id", "created_at", "finished_at IS NOT NULL")),
        // notifications_age_idx
        new("notifications", options => options.Notifications, Old("notifications", "id", "created_at"),
            CacheSubject: Notification.CacheSubject),
        // audit_log_at_idx. The tenant is the transaction's.
        new("audit_log", options => options.AuditLog, "SELECT clean_up_audit_log($2, $3) WHERE $1 IS NOT NULL"),
    ];

    /// <summary>What is of no tenant.</summary>
    public static IReadOnlyList<CleanUpStep> OfDatabase { get; } =
    [
        // refresh_tokens_expiry_idx
        new("refresh_tokens", options => options.RefreshTokens, "SELECT clean_up_refresh_tokens($2, $3) WHERE $1 IS NOT NULL"),
        // sign_in_failures_age_idx
        new("sign_in_failures", options => options.SignInFailures,
            """
            WITH gone AS (
                DELETE FROM sign_in_failures WHERE email_hash IN (
                    SELECT email_hash FROM sign_in_failures
                    WHERE last_at < now() - $2 AND (locked_until IS NULL OR locked_until < now())
                    ORDER BY last_at LIMIT $3) AND $1 IS NOT NULL
                RETURNING 1)
            SELECT count(*) FROM gone
            """),
        // errors_last_seen_idx
        new("errors", options => options.Errors,
            """
            WITH gone AS (
                DELETE FROM errors WHERE last_seen < now() - $2 AND fingerprint IN (
                    SELECT fingerprint FROM errors WHERE last_seen < now() - $2 ORDER BY last_seen LIMIT $3) AND $1 IS NOT NULL
                RETURNING 1)
            SELECT count(*) FROM gone
            """),
        // operator_audit_at_idx
        new("operator_audit", options => options.AuditLog, "SELECT clean_up_operator_audit($2, $3) WHERE $1 IS NOT NULL"),
    ];

    private static string Old(string table, string key, string time, string condition = "true") =>
        $"""
        WITH gone AS (
            DELETE FROM {table} WHERE tenant_id = $1 AND ({key}) IN (
                SELECT {key} FROM {table} WHERE tenant_id = $1 AND {time} < now() - $2 AND {condition}
                ORDER BY {time} LIMIT $3)
            RETURNING 1)
        SELECT count(*) FROM gone
        """;
}
