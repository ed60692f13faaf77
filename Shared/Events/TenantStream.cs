using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Platform.Redis;
using Platform.Tenancy;
using StackExchange.Redis;

namespace Platform.Events;

/// <summary>One tenant's events in one process: brings them into order, without gaps and duplicates.</summary>
internal sealed partial class TenantStream(
    TenantId tenant, ITenantEventListener listener, EventsRedis redis, TenantEventWindow window, TimeProvider time, ILogger logger,
    Action<TenantStream> onEnd) : IAsyncDisposable
{
    // What doesn't fit is dropped, leaves a gap in the numbers and is read from the window.
    private const int InboxCapacity = 1024;
    private static readonly TimeSpan SubscribeTimeout = TimeSpan.FromSeconds(5);

    private readonly Channel<byte[]?> _inbox = Channel.CreateBounded<byte[]?>(
        new BoundedChannelOptions(InboxCapacity) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private Action<RedisChannel, RedisValue>? _handler;
    private long? _last;
    private volatile bool _behind;

    /// <summary>Whether the last attempt to catch up failed.</summary>
    public bool IsBehind => _behind;

    public void Start()
    {
        // The loop outlives the request it was started from: neither its trace nor its tenant belong here.
        using (ExecutionContext.SuppressFlow())
            _loop = Task.Run(RunAsync);
    }

    /// <summary>Asks the loop to compare its last number with Redis's.</summary>
    public void Check() => _inbox.Writer.TryWrite(null);

    public async ValueTask DisposeAsync()
    {
        onEnd(this);
        _inbox.Writer.TryComplete();
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            Check();
            await foreach (var message in _inbox.Reader.ReadAllAsync(_stop.Token))
            {
                try
                {
                    await HandleAsync(message);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    LogFailed(tenant, e);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
        await UnsubscribeAsync();
    }

    private async Task HandleAsync(byte[]? message)
    {
        if (message is null)
        {
            await CatchUpAsync();
            return;
        }
        if (EventWire.Read(message) is not { } envelope || envelope.Id <= _last)
            return;
        if (_last is not { } last || _behind || envelope.Id != last + 1)
            await CatchUpAsync();
        // When Redis went away in between, the catching up is tried again at the next look.
        if (envelope.Id == _last + 1)
            Deliver(envelope);
    }

    /// <summary>Subscribes if need be, then reads what the window has after the last number.</summary>
    private async Task CatchUpAsync()
    {
        try
        {
            await SubscribeAsync();
            var replay = await window.ReadAsync(tenant, _last, _stop.Token);
            if (_last is null)
            {
                _last = replay.LastId;
                listener.OnStarted(replay.LastId, Contiguous(replay));
            }
            else if (replay.IsGap)
            {
                EventsTelemetry.Gaps.Add(1);
                LogGap(tenant, _last.Value, replay.LastId);
                _last = replay.LastId;
                listener.OnGap(replay.LastId);
            }
            else
            {
                foreach (var envelope in replay.Events)
                    Deliver(envelope);
                EventsTelemetry.BackFilled.Add(replay.Events.Count);
            }
            _behind = false;
        }
        catch (Exception e) when (e is RedisUnavailableException or RedisException or TimeoutException or ObjectDisposedException)
        {
            _behind = true;
        }
    }

    /// <summary>The end of the window that has no gap and reaches the last number.</summary>
    private static List<EventEnvelope> Contiguous(EventReplay replay)
    {
        var next = replay.LastId;
        var events = replay.Events.Reverse().TakeWhile(envelope => envelope.Id == next--).ToList();
        events.Reverse();
        return events;
    }

    private void Deliver(EventEnvelope envelope)
    {
        _last = envelope.Id;
        using var activity = EventsTelemetry.StartReceive(tenant.ToString(), envelope);
        EventsTelemetry.Received.Add(1);
        EventsTelemetry.Lag.Record(Math.Max(0, (time.GetUtcNow() - envelope.Time).TotalSeconds));
        listener.OnEvent(envelope);
    }

    private async Task SubscribeAsync()
    {
        if (_handler is not null)
            return;
        var connection = await redis.Circuit.ConnectAsync(_stop.Token);
        Action<RedisChannel, RedisValue> handler = (_, value) => _inbox.Writer.TryWrite((byte[]?)value);
        // From here on the client library subscribes anew by itself whenever it reconnects.
        await connection.GetSubscriber().SubscribeAsync(EventKeys.Channel(tenant), handler)
            .WaitAsync(SubscribeTimeout, time, _stop.Token);
        _handler = handler;
    }

    private async Task UnsubscribeAsync()
    {
        if (_handler is null)
            return;
        try
        {
            var connection = await redis.Circuit.ConnectAsync();
            await connection.GetSubscriber().UnsubscribeAsync(EventKeys.Channel(tenant), _handler);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            // The connection is gone, and the subscription with it.
        }
    }

    [LoggerMessage(6202, LogLevel.Warning, "Events of tenant {Tenant} after {Last} were missed and are no longer kept; going on at {New}")]
    private partial void LogGap(TenantId tenant, long last, long @new);

    [LoggerMessage(6203, LogLevel.Error, "An event of tenant {Tenant} could not be handed over")]
    private partial void LogFailed(TenantId tenant, Exception exception);
}
