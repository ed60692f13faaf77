using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Platform.Statistics;

/// <summary>Counts what the cache reports of itself: hits and misses by kind, and by variant where two are compared.</summary>
internal sealed class CacheListener : IDisposable
{
    private const string MeterName = "Platform.Caching";
    private const string HitsName = "redis_cache_hits_total", MissesName = "redis_cache_misses_total";

    private readonly ConcurrentDictionary<string, Counts> _kinds = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public CacheListener()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Meter.Name: MeterName, Name: HitsName or MissesName })
                listener.EnableMeasurementEvents(instrument, instrument.Name);
        };
        _listener.SetMeasurementEventCallback<long>(Count);
        _listener.Start();
    }

    /// <summary>Moves what was counted since the last time into the figures, by kind.</summary>
    public void DrainTo(Dictionary<string, (long Hits, long Misses)> figures, ICollection<string> changed)
    {
        foreach (var (kind, counts) in _kinds)
        {
            var (hits, misses) = (Interlocked.Exchange(ref counts.Hits, 0), Interlocked.Exchange(ref counts.Misses, 0));
            if (hits == 0 && misses == 0)
                continue;
            var before = figures.GetValueOrDefault(kind);
            figures[kind] = (before.Hits + hits, before.Misses + misses);
            changed.Add(kind);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Count(Instrument instrument, long count, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        string kind = "", variant = "";
        foreach (var (name, value) in tags)
        {
            if (name == "kind" && value is string text)
                kind = text;
            else if (name == "variant" && value is string chosen)
                variant = chosen;
        }
        if (variant.Length > 0)
            kind = $"{kind}{CacheFigures.VariantMark}{variant}";
        if (!_kinds.TryGetValue(kind, out var counts))
            counts = _kinds.GetOrAdd(kind, _ => new Counts());
        if (ReferenceEquals(state, HitsName) || (string?)state == HitsName)
            Interlocked.Add(ref counts.Hits, count);
        else
            Interlocked.Add(ref counts.Misses, count);
    }

    private sealed class Counts
    {
        public long Hits;
        public long Misses;
    }
}
