using System.Security.Cryptography;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Platform.Realtime.Connections;
using Platform.Realtime.Feeds;

namespace Platform.Realtime.Hubs;

/// <summary>Sends one hub client its events, in a loop of its own: a client that doesn't take them stops only this loop.</summary>
internal sealed class HubFollower(HubConnectionContext hub, RealtimeConnection connection, TimeSpan reconnectDelay, TimeProvider time)
    : IAsyncDisposable
{
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(1);
    private static readonly object Key = new();

    private readonly CancellationTokenSource _gone = new();
    private Task _loop = Task.CompletedTask;

    public RealtimeConnection Connection => connection;

    public static HubFollower Of(IDictionary<object, object?> items) =>
        (HubFollower?)items[Key] ?? throw new InvalidOperationException("The connection has no follower.");

    public void Start()
    {
        hub.Items[Key] = this;
        _loop = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await _loop;
        _gone.Dispose();
    }

    public async Task SendAsync(List<EventFrame> frames)
    {
        foreach (var frame in frames)
            await hub.WriteAsync(frame.Hub, hub.ConnectionAborted);
        connection.Delivered(frames, time);
    }

    public async Task SendResyncAsync()
    {
        await hub.WriteAsync(new InvocationMessage("resync", [new { lastEventId = connection.Reader.Position }]), hub.ConnectionAborted);
        connection.Resynced();
    }

    private async Task RunAsync()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(connection.End, _gone.Token, hub.ConnectionAborted);
        try
        {
            await hub.WriteAsync(new InvocationMessage("ready", [new { lastEventId = connection.Reader.Position }]), end.Token);
            var batch = new List<EventFrame>();
            while (true)
            {
                var signal = await connection.Reader.NextAsync(batch, end.Token);
                if (signal == FeedSignal.Events)
                    await SendAsync(batch);
                else if (signal == FeedSignal.Resync)
                    await SendResyncAsync();
                // SignalR has heartbeats of its own.
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            if (connection.EndReason is { } reason && !_gone.IsCancellationRequested && !hub.ConnectionAborted.IsCancellationRequested)
                await SayGoodbyeAsync(reason);
        }
        finally
        {
            hub.Abort();
        }
    }

    /// <summary>Tells why, closes by the protocol, and gives the client a moment to close on its side.</summary>
    private async Task SayGoodbyeAsync(string reason)
    {
        var retry = (int)reconnectDelay.TotalMilliseconds;
        if (reason == "shutdown")
            retry += RandomNumberGenerator.GetInt32(retry);
        using var longest = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token, hub.ConnectionAborted);
        longest.CancelAfter(LongestGoodbye);
        try
        {
            await hub.WriteAsync(new InvocationMessage("closing", [new { reason, retry }]), longest.Token);
            await hub.WriteAsync(new CloseMessage(null, allowReconnect: true), longest.Token);
            await Task.Delay(Timeout.InfiniteTimeSpan, time, longest.Token);
        }
        catch (OperationCanceledException)
        {
            // The client has closed, or doesn't read.
        }
    }
}
