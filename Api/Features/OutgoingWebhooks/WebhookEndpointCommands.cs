using Microsoft.EntityFrameworkCore;
using Platform.Data;
using Platform.Data.Security;
using Platform.Data.Webhooks;

namespace Platform.Api.Features.OutgoingWebhooks;

/// <summary>Makes and changes endpoints of the current tenant, one statement each; by webhook_endpoints_pkey.</summary>
internal sealed class WebhookEndpointCommands(PlatformDb db, SecretProtector protector)
{
    /// <param name="secret">In clear.</param>
    public Task<WebhookEndpoint> CreateAsync(WebhookEndpointFields fields, string secret, CancellationToken cancellationToken)
    {
        var (tenant, id) = (db.Tenant, Guid.CreateVersion7());
        var sealedSecret = WebhookSecrets.Protect(protector, tenant, id, secret);
        return OneAsync(
            $"""
            INSERT INTO webhook_endpoints (tenant_id, id, url, description, secret, event_types, disabled_at)
            VALUES ({tenant.Value}, {id}, {fields.Url}, {fields.Description}, {sealedSecret}, {fields.EventTypes},
                CASE WHEN {fields.Disabled} THEN now() END)
            RETURNING *
            """, cancellationToken);
    }

    /// <summary>One that is enabled again begins anew, with no failures.</summary>
    public Task<WebhookEndpoint> UpdateAsync(Guid id, WebhookEndpointFields fields, CancellationToken cancellationToken) => OneAsync(
        $"""
        UPDATE webhook_endpoints
        SET url = {fields.Url}, description = {fields.Description}, event_types = {fields.EventTypes},
            disabled_at = CASE WHEN {fields.Disabled} THEN COALESCE(disabled_at, now()) END,
            disabled_reason = CASE WHEN {fields.Disabled} THEN disabled_reason END,
            failure_count = CASE WHEN disabled_at IS NOT NULL AND NOT {fields.Disabled} THEN 0 ELSE failure_count END,
            updated_at = now(), version = version + 1
        WHERE tenant_id = {db.Tenant.Value} AND id = {id}
        RETURNING *
        """, cancellationToken);

    private async Task<WebhookEndpoint> OneAsync(FormattableString sql, CancellationToken cancellationToken) =>
        (await db.WebhookEndpoints.FromSql(sql).IgnoreQueryFilters().ToListAsync(cancellationToken)).Single();
}
