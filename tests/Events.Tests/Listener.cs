using Platform.Testing;

namespace Platform.Events.Tests;

/// <summary>Writes down what a tenant's stream hands over.</summary>
internal sealed class Listener : ITenantEventListener
{
    private readonly Lock _gate = new();
    private readonly List<EventEnvelope> _events = [];
    private readonly List<long> _gaps = [];

    public long? StartedAt { get; private set; }

    public IReadOnlyList<EventEnvelope> Recent { get; private set; } = [];

    public IReadOnlyList<EventEnvelope> Events
    {
        get
        {
            lock (_gate)
                return [.. _events];
        }
    }

    public IReadOnlyList<long> Gaps
    {
        get
        {
            lock (_gate)
                return [.. _gaps];
        }
    }

    public void OnStarted(long lastId, IReadOnlyList<EventEnvelope> recent)
    {
        lock (_gate)
            (Recent, StartedAt) = (recent, lastId);
    }

    public void OnEvent(EventEnvelope envelope)
    {
        lock (_gate)
            _events.Add(envelope);
    }

    public void OnGap(long lastId)
    {
        lock (_gate)
            _gaps.Add(lastId);
    }

    public Task StartedAsync() => Eventually.TrueAsync(() => StartedAt is not null, message: "The stream never started.");

    public Task ReceivedAsync(int count) => Eventually.TrueAsync(
        () => Events.Count >= count, TimeSpan.FromSeconds(20), $"{count} events were expected.");

    /// <summary>Fails when an event is missing, twice or out of order.</summary>
    public void AssertInOrder()
    {
        var ids = Events.Select(envelope => envelope.Id).ToList();
        Assert.Equal(Enumerable.Range(0, ids.Count).Select(offset => ids[0] + offset), ids);
    }
}
