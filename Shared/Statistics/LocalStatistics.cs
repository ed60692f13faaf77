using Microsoft.Extensions.Hosting;

namespace Platform.Statistics;

/// <summary>This process's own figures of the last hour, a set of fields for each minute.</summary>
internal sealed class LocalStatistics(RequestRecorder recorder, CacheListener cache, IHostEnvironment environment)
{
    /// <summary>Minutes kept: an hour, the running one, and one more.</summary>
    public const int Kept = 62;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, Minute> _minutes = [];
    private readonly Dictionary<RouteRecorder, LatencyHistogram> _routes = [];
    private readonly Dictionary<string, (long Hits, long Misses)> _caches = new(StringComparer.Ordinal);
    private long _current = long.MinValue;

    /// <summary>Tells this process's fields from others': a service's name and what no other process has drawn.</summary>
    public string Process { get; } = $"{environment.ApplicationName}-{Guid.NewGuid().ToString("N")[..8]}";

    /// <summary>Minutes since 1970: the name of the minute.</summary>
    public static long MinuteOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / 60;

    /// <summary>Puts everything that was counted since the last time to the running minute.</summary>
    public void Collect(DateTimeOffset now)
    {
        lock (_gate)
        {
            var name = MinuteOf(now);
            if (name != _current)
                Begin(name);
            if (!_minutes.TryGetValue(name, out var minute))
                _minutes[name] = minute = new Minute();
            foreach (var route in recorder.Routes)
            {
                if (!_routes.TryGetValue(route, out var histogram))
                    _routes[route] = histogram = new LatencyHistogram();
                if (route.DrainTo(histogram))
                    minute.Set(StatisticsField.Route(Process, route), HistogramCodec.Write(histogram));
            }
            var changed = new List<string>();
            cache.DrainTo(_caches, changed);
            foreach (var kind in changed)
                minute.Set(StatisticsField.Cache(Process, kind), StatisticsField.CacheValue(_caches[kind].Hits, _caches[kind].Misses));
        }
    }

    /// <summary>Fields that changed since they were last handed out, of minutes not before <paramref name="oldest"/>.</summary>
    public IReadOnlyList<(long Minute, KeyValuePair<string, byte[]>[] Fields)> TakeUnsent(long oldest)
    {
        lock (_gate)
        {
            return [.. _minutes.Where(minute => minute.Key >= oldest && minute.Value.Unsent.Count > 0)
                .Select(minute => (minute.Key, minute.Value.TakeUnsent()))];
        }
    }

    /// <summary>Redis didn't get them.</summary>
    public void PutBack(long minute, KeyValuePair<string, byte[]>[] fields)
    {
        lock (_gate)
        {
            if (_minutes.TryGetValue(minute, out var known))
                known.Unsent.UnionWith(fields.Select(field => field.Key));
        }
    }

    public KeyValuePair<string, byte[]>[] Fields(long minute)
    {
        lock (_gate)
            return _minutes.TryGetValue(minute, out var known) ? [.. known.All] : [];
    }

    private void Begin(long name)
    {
        _current = name;
        _caches.Clear();
        foreach (var histogram in _routes.Values)
            histogram.Clear();
        while (_minutes.Count > 0 && _minutes.First().Key <= name - Kept)
            _minutes.Remove(_minutes.First().Key);
    }

    private sealed class Minute
    {
        public Dictionary<string, byte[]> All { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Unsent { get; } = new(StringComparer.Ordinal);

        public void Set(string field, byte[] value)
        {
            All[field] = value;
            Unsent.Add(field);
        }

        public KeyValuePair<string, byte[]>[] TakeUnsent()
        {
            KeyValuePair<string, byte[]>[] fields = [.. Unsent.Select(field => KeyValuePair.Create(field, All[field]))];
            Unsent.Clear();
            return fields;
        }
    }
}
