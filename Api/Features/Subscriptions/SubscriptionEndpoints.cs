using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Features.RateLimits;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Placement;
using Platform.Tenancy;

namespace Platform.Api.Features.Subscriptions;

internal static class SubscriptionEndpoints
{
    public static void MapSubscription(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/user/subscription", GetAsync).RequireAuthorization(policy => policy.RequireTenant())
            .WithTags("User").WithSummary("Your tenant's plan, its limits and what is used")
            .WithDescription("`requests` is as of this moment, everything else up to five minutes old.")
            .Produces<SubscriptionResponse>().ProducesProblem(404);

    /// <summary>To be invalidated when something it counts at once, members or keys, has changed.</summary>
    internal static CacheTag Tag(TenantId tenant) => CacheTag.For(tenant, "subscription");

    /// <summary>Fills the cached part.</summary>
    internal static async Task WarmAsync(IServiceProvider services, CancellationToken cancellationToken) =>
        await FindAsync(
            services, services.GetRequiredService<TenantContext>().Current, services.GetRequiredService<TenantCache>(),
            services.GetRequiredService<TimeProvider>(), cancellationToken);

    private static async Task<IResult> GetAsync(
        HttpContext context, TenantContext tenant, TenantCache cache, RateLimitUsage usage, TimeProvider time, CancellationToken cancellationToken)
    {
        var (subscription, isHit) = await FindAsync(context.RequestServices, tenant.Current, cache, time, cancellationToken);
        if (subscription is null)
            return Problems.NotFound("subscription");
        // The limit's use changes with every request, this one included: no tag would ever match.
        context.Response.Headers[CachedAnswerResult.HitHeader] = isHit ? "true" : "false";
        context.Response.Headers.CacheControl = "private, no-store";
        return TypedResults.Ok(subscription with { Requests = await usage.GetAsync(tenant.Current, context.User) });
    }

    private static ValueTask<Cached<SubscriptionResponse?>> FindAsync(
        IServiceProvider services, TenantId tenant, TenantCache cache, TimeProvider time, CancellationToken cancellationToken) =>
        cache.GetOrCreateAsync(
            CacheKey.Create(tenant, CacheKinds.Subscription, [Tag(tenant), TenantPlans.Tag(tenant)]),
            token => SubscriptionQueries.FindAsync(
                services.GetRequiredService<PlatformDb>(), services.GetRequiredService<DirectoryDb>(),
                services.GetRequiredService<IOptions<AuthOptions>>().Value.MaxApiKeys, time.GetUtcNow(), token), cancellationToken);
}
