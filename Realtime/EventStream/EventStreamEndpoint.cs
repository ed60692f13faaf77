using Platform.Realtime.Connections;

namespace Platform.Realtime.EventStream;

/// <summary><c>GET /events</c>: the tenant's events as server-sent events.</summary>
internal static class EventStreamEndpoint
{
    public static void MapEventStream(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/events", (HttpContext context, EventStreamWriter writer) =>
                writer.WriteAsync(context, RealtimeConnection.Of(context)))
            .RequireAuthorization()
            .RequireCors()
            .WithMetadata(new RealtimeEndpoint(RealtimeEndpoint.EventStream))
            .DisableHttpMetrics();
}
