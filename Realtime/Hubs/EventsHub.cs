using Microsoft.AspNetCore.SignalR;
using Platform.Realtime.Connections;
using Platform.Realtime.Feeds;

namespace Platform.Realtime.Hubs;

/// <summary>
/// The tenant's events over SignalR. The server sends <c>ready</c>, <c>event</c>, <c>resync</c> and <c>closing</c>; without
/// a subscription a client gets all events it may see.
/// </summary>
internal sealed class EventsHub : Hub
{
    private HubFollower Follower => HubFollower.Of(Context.Items);

    /// <summary>Chooses a channel: <c>tenant</c>, <c>user:{own id}</c>, <c>job:{id}</c>… From the first one on only chosen ones come.</summary>
    /// <exception cref="HubException">It isn't a channel's name, isn't the caller's, or is one too many.</exception>
    public void Subscribe(string channel)
    {
        var choice = Follower.Connection.Filter.Choose(channel);
        if (choice != ChannelChoice.Ok)
        {
            throw new HubException(choice switch
            {
                ChannelChoice.Forbidden => "The channel belongs to somebody else.",
                ChannelChoice.TooMany => "Too many channels.",
                _ => "That isn't a channel's name.",
            });
        }
    }

    /// <summary>Gives up a channel.</summary>
    public void Unsubscribe(string channel) => Follower.Connection.Filter.Leave(channel);

    /// <summary>Sends what came after that event and before this connection; or a resync when it isn't kept any more.</summary>
    /// <returns>Whether all of it could be sent.</returns>
    public async Task<bool> Resume(long lastEventId)
    {
        var follower = Follower;
        var missed = new List<EventFrame>();
        if (!follower.Connection.Reader.TryResume(lastEventId, missed))
        {
            await follower.SendResyncAsync();
            return false;
        }
        await follower.SendAsync(missed);
        return true;
    }
}
