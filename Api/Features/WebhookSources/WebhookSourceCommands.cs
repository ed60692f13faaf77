using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Platform.Data;
using Platform.Data.Security;
using Platform.Data.Webhooks;

namespace Platform.Api.Features.WebhookSources;

/// <summary>Makes and changes webhook sources of the current tenant, one statement each; by webhook_sources_pkey.</summary>
internal sealed class WebhookSourceCommands(PlatformDb db, SecretProtector protector)
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    private const int SlugLength = 26, TokenLength = 32;

    /// <param name="secret">In clear.</param>
    /// <returns>The source and its new verify token in clear; null where the provider has none.</returns>
    public async Task<(WebhookSource Row, string? VerifyToken)> CreateAsync(
        string provider, string name, string secret, CancellationToken cancellationToken)
    {
        var (tenant, id) = (db.Tenant, Guid.CreateVersion7());
        var slug = RandomNumberGenerator.GetString(Alphabet, SlugLength);
        var token = provider == WebhookProviders.Meta ? RandomNumberGenerator.GetString(Alphabet, TokenLength) : null;
        var sealedSecret = WebhookSecrets.Protect(protector, tenant, id, secret);
        var sealedToken = token is null ? null : WebhookSecrets.Protect(protector, tenant, id, token);
        return (await OneAsync(
            $"""
            INSERT INTO webhook_sources (tenant_id, id, provider, slug, name, secret, verify_token)
            VALUES ({tenant.Value}, {id}, {provider}, {slug}, {name}, {sealedSecret}, {sealedToken})
            RETURNING *
            """, cancellationToken), token);
    }

    public Task<WebhookSource> UpdateAsync(Guid id, string name, bool disabled, CancellationToken cancellationToken) => OneAsync(
        $"""
        UPDATE webhook_sources
        SET name = {name}, disabled_at = CASE WHEN {disabled} THEN COALESCE(disabled_at, now()) END, updated_at = now(), version = version + 1
        WHERE tenant_id = {db.Tenant.Value} AND id = {id}
        RETURNING *
        """, cancellationToken);

    private async Task<WebhookSource> OneAsync(FormattableString sql, CancellationToken cancellationToken) =>
        (await db.WebhookSources.FromSql(sql).IgnoreQueryFilters().ToListAsync(cancellationToken)).Single();
}
