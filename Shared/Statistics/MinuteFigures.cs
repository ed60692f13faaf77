namespace Platform.Statistics;

/// <summary>Figures of any number of processes and minutes, by what they are about.</summary>
internal sealed class MinuteFigures
{
    private readonly Dictionary<string, LatencyHistogram> _routes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _packed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Hits, long Misses)> _caches = new(StringComparer.Ordinal);

    /// <param name="field">See <see cref="StatisticsField"/>.</param>
    public void Add(string field, byte[] value)
    {
        if (StatisticsField.Subject(field) is not { Length: > 2 } subject)
            return;
        var name = subject[2..];
        if (subject.StartsWith("r|", StringComparison.Ordinal))
            AddRoute(name, value);
        else if (subject.StartsWith("c|", StringComparison.Ordinal) && StatisticsField.TryReadCache(value, out var hits, out var misses))
            AddCache(name, hits, misses);
    }

    /// <summary>Of packed figures only.</summary>
    public void AddTo(MinuteFigures other)
    {
        foreach (var (route, packed) in _packed)
            other.AddRoute(route, packed);
        foreach (var (kind, (hits, misses)) in _caches)
            other.AddCache(kind, hits, misses);
    }

    /// <summary>The same in a few kilobytes, to be kept.</summary>
    public MinuteFigures Packed()
    {
        var packed = new MinuteFigures();
        foreach (var (route, histogram) in _routes)
            packed._packed[route] = HistogramCodec.Write(histogram);
        foreach (var (kind, counts) in _caches)
            packed._caches[kind] = counts;
        return packed;
    }

    public StatisticsReport Report(bool isLocal)
    {
        var all = new LatencyHistogram();
        foreach (var route in _routes.Values)
            all.Add(route);
        return new StatisticsReport(
            isLocal, LatencyFigures.Of(all), all.Totals.Late, all.Totals.Slow, all.Totals.Errors,
            [.. _routes.OrderByDescending(route => route.Value.Requests).Select(route => Figures(route.Key, route.Value))],
            [.. _caches.Select(kind => new CacheFigures(kind.Key, kind.Value.Hits, kind.Value.Misses))
                .OrderByDescending(kind => kind.Hits + kind.Misses)]);
    }

    private static RouteFigures Figures(string name, LatencyHistogram histogram)
    {
        var at = name.IndexOf('|', StringComparison.Ordinal);
        var (_, slow, late, errors, hits, misses) = histogram.Totals;
        return new RouteFigures(name[..at], name[(at + 1)..], LatencyFigures.Of(histogram), late, slow, errors, hits, misses);
    }

    private void AddRoute(string route, byte[] histogram)
    {
        if (!route.Contains('|', StringComparison.Ordinal))
            return;
        if (!_routes.TryGetValue(route, out var known))
            _routes[route] = known = new LatencyHistogram();
        HistogramCodec.AddTo(known, histogram);
    }

    private void AddCache(string kind, long hits, long misses)
    {
        var known = _caches.GetValueOrDefault(kind);
        _caches[kind] = (known.Hits + hits, known.Misses + misses);
    }
}
