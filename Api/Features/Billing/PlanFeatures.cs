using Microsoft.EntityFrameworkCore;
using Platform.Api.Features.RateLimits;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Billing;

namespace Platform.Api.Features.Billing;

/// <summary>What the current tenant's plan includes, cached as the plan is.</summary>
internal sealed class PlanFeatures(TenantCache cache, PlatformDb db)
{
    public const string Campaigns = "campaigns";
    public const string Reports = "reports";
    public const string ApiKeys = "api_keys";
    public const string Webhooks = "webhooks";

    /// <param name="feature">A word of <c>plans.features</c>.</param>
    /// <returns>Null when the plan includes it, else 402.</returns>
    public async Task<ProblemResult?> RequireAsync(string feature, CancellationToken cancellationToken)
    {
        var key = CacheKey.Create(db.Tenant, CacheKinds.TenantPlan, [TenantPlans.Tag(db.Tenant)], "features");
        var features = await cache.GetOrCreateAsync(key, ReadAsync, cancellationToken);
        return features.Value.Contains(feature) ? null : Problems.PlanRequired(feature);
    }

    /// <summary>Indexes: tenants_pkey, plans_pkey.</summary>
    private Task<string[]> ReadAsync(CancellationToken cancellationToken) => db.Set<Data.Tenants.Tenant>()
        .Join(db.Set<PlanTerms>(), tenant => tenant.Plan, plan => plan.Name, (tenant, plan) => plan.Features)
        .SingleAsync(cancellationToken);
}
