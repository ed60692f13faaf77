using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data.Webhooks;
using Platform.Tenancy;

namespace Platform.Api.Features.Connections;

/// <summary>The tenant's connections with other systems, both ways, on one list.</summary>
internal static class ConnectionEndpoints
{
    public static void MapConnections(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/connections/health", HealthAsync).WithTags("Connections")
            .RequirePermission(Permissions.WebhooksManage).Cached()
            .WithSummary("List how the connections with other systems are doing")
            .WithDescription(
                "Webhook sources and endpoints, newest first: `state` is `healthy`, `failing` (a source's calls of the last 24 hours, or an " +
                "endpoint's last delivery, failed), `idle` (nothing for 24 hours) or `disabled`. A change of a source or an endpoint shows at " +
                "once, what calls and deliveries came of within two minutes.")
            .Produces<Page<ConnectionHealthResponse>>().ProducesProblem(400);

    private static ValueTask<IResult> HealthAsync(
        [AsParameters] PageQuery query, HttpContext context, TenantContext tenant, CursorCodec cursors, CachedAnswers answers) =>
        ListQuestion.Read(query, tenant.Current, "connections", cursors, out var ask) is { } problem
            ? new(problem)
            : answers.GetAsync(
                // Not the calls themselves: a tag that each of them invalidates would leave nothing to be cached.
                context, CacheKinds.ConnectionHealth, [CacheTag.For(tenant.Current, IWebhookRow.CacheSubject)], ["health", query.KeyPart],
                (ask, cursors),
                static (db, state, cancellationToken) => ConnectionQueries.PageAsync(db, state.ask, state.cursors, cancellationToken));
}
