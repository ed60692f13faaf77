using Microsoft.EntityFrameworkCore;
using Platform.Data;
using Platform.Data.Security;
using Platform.Data.Webhooks;

namespace Platform.Api.Features.OutgoingWebhooks;

/// <summary>Changes the endpoints of the current tenant, one statement each; all by webhook_endpoints_pkey.</summary>
internal sealed class WebhookEndpointCommands(PlatformDb db, SecretProtector protector)
{
    /// <param name="secret">In clear.</param>
    public async Task<WebhookEndpoint> CreateAsync(WebhookEndpointFields fields, string secret, CancellationToken cancellationToken)
    {
        var (tenant, id) = (db.Tenant, Guid.CreateVersion7());
        var sealedSecret = WebhookSecrets.Protect(protector, tenant, id, secret);
        return (await OneAsync(
            $"""
            INSERT INTO webhook_endpoints (tenant_id, id, url, description, secret, event_types, disabled_at)
            VALUES ({tenant.Value}, {id}, {fields.Url}, {fields.Description}, {sealedSecret}, {fields.EventTypes},
                CASE WHEN {fields.Disabled} THEN now() END)
            RETURNING *
            """, cancellationToken))!;
    }

    /// <summary>One that is enabled again begins anew, with no failures.</summary>
    /// <param name="versions">The versions it may have; null for any.</param>
    public Task<WebhookEndpoint?> UpdateAsync(
        Guid id, WebhookEndpointFields fields, long[]? versions, CancellationToken cancellationToken) => OneAsync(
        $"""
        UPDATE webhook_endpoints
        SET url = {fields.Url}, description = {fields.Description}, event_types = {fields.EventTypes},
            disabled_at = CASE WHEN {fields.Disabled} THEN COALESCE(disabled_at, now()) END,
            disabled_reason = CASE WHEN {fields.Disabled} THEN disabled_reason END,
            failure_count = CASE WHEN disabled_at IS NOT NULL AND NOT {fields.Disabled} THEN 0 ELSE failure_count END,
            updated_at = now(), version = version + 1
        WHERE tenant_id = {db.Tenant.Value} AND id = {id} AND ({versions}::bigint[] IS NULL OR version = ANY ({versions}))
        RETURNING *
        """, cancellationToken);

    /// <summary>Calls are signed with the secret so far, too, until <see cref="EndPreviousAsync"/> or the next rotation.</summary>
    /// <param name="secret">In clear.</param>
    public Task<WebhookEndpoint?> RotateAsync(Guid id, string secret, long[]? versions, CancellationToken cancellationToken)
    {
        var sealedSecret = WebhookSecrets.Protect(protector, db.Tenant, id, secret);
        return OneAsync(
            $"""
            UPDATE webhook_endpoints
            SET previous_secret = secret, secret = {sealedSecret}, updated_at = now(), version = version + 1
            WHERE tenant_id = {db.Tenant.Value} AND id = {id} AND ({versions}::bigint[] IS NULL OR version = ANY ({versions}))
            RETURNING *
            """, cancellationToken);
    }

    public Task<WebhookEndpoint?> EndPreviousAsync(Guid id, long[]? versions, CancellationToken cancellationToken) => OneAsync(
        $"""
        UPDATE webhook_endpoints SET previous_secret = NULL, updated_at = now(), version = version + 1
        WHERE tenant_id = {db.Tenant.Value} AND id = {id} AND ({versions}::bigint[] IS NULL OR version = ANY ({versions}))
        RETURNING *
        """, cancellationToken);

    /// <summary>With the record of its calls.</summary>
    public Task<WebhookEndpoint?> DeleteAsync(Guid id, long[]? versions, CancellationToken cancellationToken) => OneAsync(
        $"""
        DELETE FROM webhook_endpoints
        WHERE tenant_id = {db.Tenant.Value} AND id = {id} AND ({versions}::bigint[] IS NULL OR version = ANY ({versions}))
        RETURNING *
        """, cancellationToken);

    private async Task<WebhookEndpoint?> OneAsync(FormattableString sql, CancellationToken cancellationToken) =>
        (await db.WebhookEndpoints.FromSql(sql).IgnoreQueryFilters().ToListAsync(cancellationToken)).SingleOrDefault();
}
