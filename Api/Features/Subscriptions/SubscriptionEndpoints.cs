using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Tenancy;

namespace Platform.Api.Features.Subscriptions;

internal static class SubscriptionEndpoints
{
    public static void MapSubscription(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/user/subscription", GetAsync).RequireAuthorization(policy => policy.RequireTenant()).Cached()
            .WithTags("User").WithSummary("Your tenant's plan, its limits and what is used")
            .WithDescription("Up to five minutes old; what is left of the request limit is in every answer's `X-RateLimit-*` headers.")
            .Produces<SubscriptionResponse>().ProducesProblem(404);

    private static ValueTask<IResult> GetAsync(HttpContext context, TenantContext tenant, TimeProvider time, CachedAnswers answers) =>
        answers.GetAsync(
            context, CacheKinds.Subscription,
            [CacheTag.For(tenant.Current, "subscription"), CacheTag.For(tenant.Current, "plan")], [], time.GetUtcNow(),
            static (db, now, cancellationToken) => SubscriptionQueries.FindAsync(db, now, cancellationToken), "subscription");
}
