using System.Security.Claims;
using Platform.Tenancy;

namespace Platform.Api.Features.RateLimits;

/// <summary>How much of a tenant's limit is used, over all replicas; looks without counting.</summary>
internal sealed class RateLimitUsage(RateLimiter limiter, TimeProvider time)
{
    /// <param name="tenant">Whose limit.</param>
    /// <param name="user">The caller; its token names the plan until that is read.</param>
    public async ValueTask<UsedLimit> GetAsync(TenantId tenant, ClaimsPrincipal user)
    {
        var bucket = limiter.Bucket(new RateLimitCaller(RateLimitCallerKind.Tenant, tenant.Value), user);
        var decision = await bucket.TakeAsync(0);
        return new UsedLimit(
            decision.Quota.Limit, Math.Max(0, decision.Quota.Burst - decision.Remaining), decision.Remaining,
            time.GetUtcNow() + TimeSpan.FromMicroseconds(decision.ResetAfter));
    }
}
