using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Platform.Realtime.Connections;

namespace Platform.Realtime.Hubs;

internal static class HubExtensions
{
    private const int MaxMessageBytes = 4 * 1024;

    public static IHostApplicationBuilder AddEventsHub(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSignalR(hub => hub.MaximumReceiveMessageSize = MaxMessageBytes);
        builder.Services.AddSingleton<HubLifetimeManager<EventsHub>, EventsHubLifetimeManager>();
        return builder;
    }

    /// <summary>Maps <c>/hub</c>: WebSockets only, so that no replica has to see a client twice.</summary>
    public static void MapEventsHub(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapHub<EventsHub>("/hub", connection => connection.Transports = HttpTransportType.WebSockets)
            .RequireAuthorization()
            .WithMetadata(new RealtimeEndpoint(RealtimeEndpoint.WebSocket))
            .DisableHttpMetrics();
}
