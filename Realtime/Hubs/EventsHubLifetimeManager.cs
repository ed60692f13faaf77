using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;
using Platform.Realtime.Connections;

namespace Platform.Realtime.Hubs;

/// <summary>
/// Gives each hub connection its follower. SignalR's groups aren't used: sending to a group waits for each of its clients.
/// </summary>
internal sealed class EventsHubLifetimeManager(
    ILogger<DefaultHubLifetimeManager<EventsHub>> logger, IOptions<RealtimeOptions> options, TimeProvider time)
    : DefaultHubLifetimeManager<EventsHub>(logger)
{
    private readonly ConcurrentDictionary<string, HubFollower> _followers = new();

    public override async Task OnConnectedAsync(HubConnectionContext connection)
    {
        await base.OnConnectedAsync(connection);
        var admitted = RealtimeConnection.Of(connection.GetHttpContext()!);
        var follower = new HubFollower(connection, admitted, options.Value.ReconnectDelay, time);
        _followers[connection.ConnectionId] = follower;
        follower.Start();
    }

    public override async Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        if (_followers.TryRemove(connection.ConnectionId, out var follower))
            await follower.DisposeAsync();
        await base.OnDisconnectedAsync(connection);
    }
}
