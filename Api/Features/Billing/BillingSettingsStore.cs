using System.Text;
using Microsoft.EntityFrameworkCore;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Billing;
using Platform.Data.Security;
using Platform.Tenancy;

namespace Platform.Api.Features.Billing;

/// <summary>The current tenant's billing settings; its provider's keys are encrypted for that tenant and field alone.</summary>
internal sealed class BillingSettingsStore(PlatformDb db, SecretProtector protector)
{
    /// <summary>Index: billing_settings_pkey.</summary>
    public static Task<BillingSettings?> FindAsync(PlatformDb db, CancellationToken cancellationToken) =>
        db.Set<BillingSettings>().SingleOrDefaultAsync(cancellationToken);

    /// <summary>What the text of a key is bound to: it can't be read as another tenant's, nor as the other field.</summary>
    public static string Purpose(TenantId tenant, string field) => $"billing:{tenant}:{field}";

    /// <summary>Stores the settings, in the caller's transaction. Index: billing_settings_pkey.</summary>
    /// <param name="versions">The versions they may have; null for any. Never changed ones have version 0.</param>
    /// <returns>The settings and the names of the fields that changed, or why they weren't stored.</returns>
    public async Task<(BillingSettings? Settings, string[] Changed, ProblemResult? Problem)> SaveAsync(
        BillingFields fields, long[]? versions, CancellationToken cancellationToken)
    {
        var tenant = db.Tenant.Value;
        // Makes the row there to be locked; two who are first at once wait for one another here.
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO billing_settings (tenant_id, version) VALUES ({tenant}, 0) ON CONFLICT DO NOTHING", cancellationToken);
        var before = (await db.Set<BillingSettings>()
            .FromSql($"SELECT * FROM billing_settings WHERE tenant_id = {tenant} FOR UPDATE").IgnoreQueryFilters()
            .ToListAsync(cancellationToken)).Single();
        if (versions is not null && !versions.Contains(before.Version))
            return (null, [], Problems.PreconditionFailed("settings"));
        var key = Keep(fields.SecretKey, before.SecretKey, before.SecretKeyHint, "secretKey");
        var secret = Keep(fields.WebhookSecret, before.WebhookSecret, before.WebhookSecretHint, "webhookSecret");
        if ((key.Problem ?? secret.Problem) is { } problem)
            return (null, [], problem);

        var stored = await db.Set<BillingSettings>().FromSql(
            $"""
            UPDATE billing_settings
            SET provider = {fields.Provider}, secret_key = {key.Text}, secret_key_hint = {key.Hint}, webhook_secret = {secret.Text},
                webhook_secret_hint = {secret.Hint}, currency = {fields.Currency}, billing_email = {fields.BillingEmail},
                company = {fields.Company}, tax_id = {fields.TaxId}, updated_at = now(), version = version + 1
            WHERE tenant_id = {tenant}
            RETURNING *
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
        return (stored.Single(), Changed(before, stored.Single()), null);
    }

    private (string? Text, string? Hint, ProblemResult? Problem) Keep(string? sent, string? stored, string? hint, string field)
    {
        if (sent is null)
            return (null, null, null);
        if (!SecretMask.IsMask(sent))
            return (protector.Protect(Encoding.UTF8.GetBytes(sent), Purpose(db.Tenant, field)), SecretMask.Hint(sent), null);
        return sent == SecretMask.Show(hint)
            ? (stored, hint, null)
            : (null, null, Problems.Invalid(field, "This isn't how the stored value is shown; send it as it was, a new one, or null."));
    }

    private static string[] Changed(BillingSettings before, BillingSettings after)
    {
        (string Field, string? Before, string? After)[] all =
        [
            ("provider", before.Provider, after.Provider), ("secretKey", before.SecretKey, after.SecretKey),
            ("webhookSecret", before.WebhookSecret, after.WebhookSecret), ("currency", before.Currency, after.Currency),
            ("billingEmail", before.BillingEmail, after.BillingEmail), ("company", before.Company, after.Company),
            ("taxId", before.TaxId, after.TaxId),
        ];
        return [.. all.Where(field => field.Before != field.After).Select(field => field.Field)];
    }
}
