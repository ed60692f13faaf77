using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Tenants;
using Platform.Tenancy;

namespace Platform.Api.Features.Settings;

/// <summary>How a tenant wants the platform to look and speak: every member reads it, who manages the team changes it.</summary>
internal static class SettingsEndpoints
{
    private const string Subject = "settings";

    public static void MapSettings(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/session/settings").WithTags("Settings");
        group.MapGet("/", GetAsync).RequireAuthorization(policy => policy.RequireTenant()).Cached()
            .WithSummary("Get the tenant's settings").WithDescription("`ETag` is the version: `If-Match` of a change.")
            .Produces<SettingsResponse>();
        group.MapPut("/", PutAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Replace the tenant's settings").WithDescription("What is absent becomes what it is without settings.")
            .Produces<SettingsResponse>().ProducesProblem(400).ProducesProblem(412).ProducesValidationProblem(422);
    }

    /// <summary>Index: tenant_settings_pkey.</summary>
    internal static ValueTask<IResult> GetAsync(HttpContext context, TenantContext tenant, CachedAnswers answers) =>
        answers.GetAsync(
            context, CacheKinds.TenantSettings, [CacheTag.For(tenant.Current, Subject)], [], 0,
            static async (db, _, cancellationToken) =>
                SettingsResponse.From(await db.Set<TenantSettings>().SingleOrDefaultAsync(cancellationToken)));

    private static async Task<IResult> PutAsync(
        [FromBody] SettingsInput input, HttpContext context, PlatformDb db, ChangeNotice notice, CachedAnswers answers,
        CancellationToken cancellationToken)
    {
        if (input.Check(out var tidy) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await SaveAsync(db, tidy, EntityVersion.Required(context.Request), cancellationToken) is not { } saved)
            return Problems.PreconditionFailed("settings");
        await AuditLog.AddAsync(transaction, context.User, "settings.update", null, tidy, cancellationToken);
        notice.AfterCommit(transaction, "settings.updated", tidy, Subject);
        await transaction.CommitAsync(cancellationToken);
        var response = SettingsResponse.From(saved);
        context.Response.Headers.ETag = answers.Create(response).Body.ETag;
        return TypedResults.Ok(response);
    }

    /// <summary>Index: tenant_settings_pkey.</summary>
    /// <param name="versions">The versions they may have; null for any. Never changed ones have version 0.</param>
    /// <returns>Null when they have another version.</returns>
    private static async Task<TenantSettings?> SaveAsync(
        PlatformDb db, SettingsInput input, long[]? versions, CancellationToken cancellationToken)
    {
        var tenant = db.Tenant.Value;
        // Makes the row there to be updated; two who are first at once wait for one another here.
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO tenant_settings (tenant_id, version) VALUES ({tenant}, 0) ON CONFLICT DO NOTHING", cancellationToken);
        return (await db.Set<TenantSettings>().FromSql(
            $"""
            UPDATE tenant_settings
            SET time_zone = {input.TimeZone}, locale = {input.Locale}, brand_color = {input.BrandColor}, updated_at = now(), version = version + 1
            WHERE tenant_id = {tenant} AND ({versions}::bigint[] IS NULL OR version = ANY ({versions}))
            RETURNING *
            """).IgnoreQueryFilters().ToListAsync(cancellationToken)).SingleOrDefault();
    }
}
