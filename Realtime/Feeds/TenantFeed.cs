using System.Collections.Concurrent;
using Platform.Events;
using Platform.Realtime.Connections;

namespace Platform.Realtime.Feeds;

/// <summary>
/// One tenant's last events in this process. Clients have no buffer of their own: each reads the same ring at its own
/// pace, and who is overtaken by its end has a gap. So memory doesn't grow with slow clients, and nobody waits for one.
/// </summary>
internal sealed class TenantFeed(int capacity) : ITenantEventListener
{
    private readonly Lock _gate = new();
    private readonly EventFrame[] _ring = new EventFrame[capacity];
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _awaited;

    private readonly ConcurrentDictionary<RealtimeConnection, bool> _followers = new();

    // Events with _floor < id <= _last are in the ring.
    private long _floor;
    private long _last;
    private long _beats;

    /// <summary>Completes when the feed is in step with Redis for the first time.</summary>
    public Task Started => _started.Task;

    public void OnStarted(long lastId, IReadOnlyList<EventEnvelope> recent)
    {
        lock (_gate)
        {
            _floor = lastId - recent.Count;
            _last = _floor;
            foreach (var envelope in recent)
                Append(envelope);
        }
        _started.TrySetResult();
        Wake();
    }

    public void OnEvent(EventEnvelope envelope)
    {
        // Here and not where clients read: who doesn't read is ended all the same.
        if (envelope.Type is EventTypes.SessionEnded or EventTypes.TenantSuspended)
        {
            foreach (var connection in _followers.Keys)
                connection.Hear(envelope);
        }
        lock (_gate)
            Append(envelope);
        Wake();
    }

    /// <summary>Has the connection hear of ended sessions, until the answer is disposed of.</summary>
    public IDisposable Follow(RealtimeConnection connection)
    {
        _followers[connection] = true;
        return new Follower(_followers, connection);
    }

    public void OnGap(long lastId)
    {
        lock (_gate)
        {
            Array.Clear(_ring);
            _floor = _last = lastId;
        }
        Wake();
    }

    /// <summary>Lets all readers go round once, so that they can send a heartbeat.</summary>
    public void Beat()
    {
        lock (_gate)
            _beats++;
        Wake();
    }

    /// <summary>Adds events after the position to the batch and says where the reader is then.</summary>
    /// <param name="position">The reader's last number; null for "from now on".</param>
    /// <param name="batch">Gets the events.</param>
    /// <param name="most">How many at most.</param>
    public FeedRead Read(long? position, List<EventFrame> batch, int most)
    {
        lock (_gate)
        {
            if (!_started.Task.IsCompleted)
                return new FeedRead(position, false, _beats, Awaited());
            var from = position ?? _last;
            // Ahead of the feed: the numbers started anew, after Redis had lost its data.
            if (from < _floor || from > _last)
                return new FeedRead(_last, true, _beats, Awaited());
            var to = Math.Min(_last, from + most);
            for (var id = from + 1; id <= to; id++)
                batch.Add(_ring[id % capacity]);
            return new FeedRead(to, false, _beats, Awaited());
        }
    }

    private Task Awaited()
    {
        _awaited = true;
        return _changed.Task;
    }

    private void Append(EventEnvelope envelope)
    {
        _ring[envelope.Id % capacity] = new EventFrame(envelope);
        _last = envelope.Id;
        _floor = Math.Max(_floor, _last - capacity);
    }

    private void Wake()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (!_awaited)
                return;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited = false;
        }
        changed.TrySetResult();
    }

    private sealed class Follower(ConcurrentDictionary<RealtimeConnection, bool> followers, RealtimeConnection connection) : IDisposable
    {
        public void Dispose() => followers.TryRemove(connection, out _);
    }
}

/// <summary>What a reader found.</summary>
/// <param name="Position">The reader's new position; null as long as the feed hasn't started.</param>
/// <param name="IsGap">The reader's next events aren't there any more.</param>
/// <param name="Beats">Heartbeats so far.</param>
/// <param name="Changed">Completes when there is something new.</param>
internal readonly record struct FeedRead(long? Position, bool IsGap, long Beats, Task Changed);
