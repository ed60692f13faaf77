using Platform.Realtime.Connections;

namespace Platform.Realtime.Feeds;

/// <summary>One client's place in its tenant's feed.</summary>
internal sealed class FeedReader(TenantFeed feed, ChannelFilter filter, long? position)
{
    private const int BatchSize = 64;

    private readonly Lock _gate = new();
    private long? _position = position;
    private long? _start = position;
    private long _beats = -1;
    private bool _late = position is null && !feed.Started.IsCompleted;

    /// <summary>The last number this client has passed, whether the event was for it or not; null before the feed has started.</summary>
    public long? Position => _position;

    /// <summary>Settles where a client that named no number starts: at the feed's last event.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (feed.Started.IsCompleted)
                (_position, _late) = (_position ?? feed.Read(null, [], 0).Position, false);
            _start = _position;
        }
    }

    /// <summary>Waits for the next events this client may see, a resync, or a heartbeat.</summary>
    public async ValueTask<FeedSignal> NextAsync(List<EventFrame> batch, CancellationToken cancellationToken)
    {
        while (true)
        {
            batch.Clear();
            FeedRead read;
            bool gap;
            lock (_gate)
            {
                var before = _position;
                read = feed.Read(_position, batch, BatchSize);
                _position = read.Position;
                _start ??= _position;
                gap = read.IsGap || _late && read.Position is not null;
                if (gap)
                    RealtimeTelemetry.Dropped.Add(Math.Max(0, read.Position!.Value - (before ?? read.Position.Value)));
                _late &= !gap;
            }
            if (gap)
                return FeedSignal.Resync;
            if (batch.Count > 0)
            {
                batch.RemoveAll(frame => !filter.Allows(frame));
                if (batch.Count > 0)
                    return FeedSignal.Events;
                continue;
            }
            if (_beats != read.Beats)
            {
                var first = _beats < 0;
                _beats = read.Beats;
                if (!first)
                    return FeedSignal.Heartbeat;
            }
            await read.Changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>
    /// Goes back to a number: gives the events after it up to where this client began. What came since is not given twice.
    /// </summary>
    /// <returns>False when they aren't there any more.</returns>
    public bool TryResume(long lastEventId, List<EventFrame> batch)
    {
        lock (_gate)
        {
            if (_start is not { } start || !feed.Started.IsCompleted)
            {
                // Nothing was read yet: begin there.
                _start = _position = Math.Min(_position ?? lastEventId, lastEventId);
                _late = false;
                return true;
            }
            if (lastEventId > start && lastEventId <= _position)
                return true;
            var read = feed.Read(lastEventId, batch, int.MaxValue);
            if (read.IsGap)
                return false;
            batch.RemoveAll(frame => frame.Id > start || !filter.Allows(frame));
            _start = Math.Min(start, lastEventId);
            return true;
        }
    }
}

internal enum FeedSignal
{
    Events,
    Resync,
    Heartbeat,
}
