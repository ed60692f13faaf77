using Platform.Api.Features.Auth;
using Platform.Events;
using Platform.Tenancy;

namespace Platform.Api.Features.Realtime;

internal static class RealtimeEndpoints
{
    public static void MapRealtime(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api/realtime/ticket", IssueAsync)
            .RequireAuthorization(policy => policy.RequireTenant())
            .WithTags("Realtime")
            .WithSummary("Get a ticket for the realtime service")
            .WithDescription(
                "For clients that can't send a header, as browsers' `EventSource` and `WebSocket`: `?ticket=`, once, within 30 seconds.")
            .Produces<RealtimeTicket>().ProducesProblem(403).ProducesProblem(503);
    }

    private static async Task<IResult> IssueAsync(
        HttpContext context, TenantContext tenant, RealtimeTickets tickets, CancellationToken cancellationToken)
    {
        var permissions = context.User.FindAll(PlatformClaims.Permission).Select(claim => claim.Value).ToArray();
        var identity = new RealtimeIdentity(tenant.Current, context.User.UserId(), permissions, context.User.TokenExpiresAt(), context.User.SessionId());
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await tickets.IssueAsync(identity, cancellationToken));
    }
}
