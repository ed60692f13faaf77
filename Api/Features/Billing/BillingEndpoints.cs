using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Tenancy;

namespace Platform.Api.Features.Billing;

internal static class BillingEndpoints
{
    private const string Settings = "billing.settings", Analytics = "billing.analytics";
    private const int DefaultMonths = 12, MaxMonths = 36;

    /// <summary>Billing, and what endpoints ask of the tenant's plan.</summary>
    public static void AddBilling(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<PlanFeatures>();
        builder.Services.AddScoped<BillingSettingsStore>();
    }

    public static void MapBilling(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/admin/billing").WithTags("Billing");

        group.MapGet("/settings", GetSettingsAsync).RequirePermission(Permissions.BillingManage).Cached()
            .WithSummary("Get the billing settings")
            .WithDescription("Keys are shown by their last characters only. `ETag` is the version: `If-Match` of a change.")
            .Produces<BillingSettingsResponse>();
        group.MapPut("/settings", PutSettingsAsync).RequirePermission(Permissions.BillingManage)
            .WithSummary("Replace the billing settings")
            .WithDescription("A key sent back as it was shown stays, null removes it. Keys are encrypted; every change is audited.")
            .Produces<BillingSettingsResponse>().ProducesProblem(400).ProducesProblem(412).ProducesValidationProblem(422);
        group.MapGet("/analytics", GetAnalyticsAsync).RequirePermission(Permissions.BillingRead).Cached()
            .WithSummary("Get figures of billing and usage")
            .WithDescription(
                "By currency: what was invoiced and paid in each of the last months, by the month of issue, UTC; what is outstanding " +
                "and overdue. Usage is this month's against the plan.")
            .Produces<BillingAnalyticsResponse>().ProducesProblem(400);
    }

    private static ValueTask<IResult> GetSettingsAsync(HttpContext context, TenantContext tenant, CachedAnswers answers) =>
        answers.GetAsync(
            context, CacheKinds.BillingSettings, [CacheTag.For(tenant.Current, Settings)], ["settings"], 0,
            static async (db, _, cancellationToken) =>
                BillingSettingsResponse.From(await BillingSettingsStore.FindAsync(db, cancellationToken)));

    private static async Task<IResult> PutSettingsAsync(
        [FromBody] BillingSettingsInput input, HttpContext context, PlatformDb db, BillingSettingsStore store, ChangeNotice notice,
        CancellationToken cancellationToken)
    {
        if (input.Check(out var fields) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        await using var transaction = await db.BeginAsync(cancellationToken);
        var (settings, changed, problem) = await store.SaveAsync(fields!, EntityVersion.Required(context.Request), cancellationToken);
        if (settings is null)
            return problem!;
        // Which fields, never what they hold.
        await AuditLog.AddAsync(transaction, context.User, "billing.update", "settings", new { changed }, cancellationToken);
        notice.AfterCommit(transaction, "billing.updated", new { changed }, Settings);
        await transaction.CommitAsync(cancellationToken);
        return RowAnswer.Ok(context, BillingSettingsResponse.From(settings));
    }

    private static ValueTask<IResult> GetAnalyticsAsync(
        [Description("Months to look back, this one included: 1 to 36. Default 12.")] int? months,
        [Description("One currency's figures only, by its code of ISO 4217.")] string? currency,
        HttpContext context, TenantContext tenant, CachedAnswers answers, TimeProvider time)
    {
        var count = months ?? DefaultMonths;
        if (count is < 1 or > MaxMonths)
            return new(Problems.BadRequest($"'months' must be 1 to {MaxMonths}."));
        if (currency is not null && (currency.Length != 3 || currency.AsSpan().ContainsAnyExceptInRange('A', 'Z')))
            return new(Problems.BadRequest("'currency' must be three capital letters."));
        return answers.GetAsync(
            context, CacheKinds.BillingAnalytics, [CacheTag.For(tenant.Current, Analytics)], [$"{count}", currency ?? ""],
            (count, currency, time),
            static (db, ask, cancellationToken) =>
                BillingAnalytics.ReadAsync(db, ask.count, ask.currency, ask.time.GetUtcNow(), cancellationToken));
    }
}
