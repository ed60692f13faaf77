namespace Platform.Statistics;

/// <summary>Lookups in the cache of one kind of data.</summary>
/// <param name="Kind">As the cache names it: <c>events.list</c>.</param>
public sealed record CacheFigures(string Kind, long Hits, long Misses)
{
    /// <summary>Percent of lookups that found the value; 0 without lookups.</summary>
    public double HitRate => Hits + Misses == 0 ? 0 : Math.Round(100.0 * Hits / (Hits + Misses), 2);
}
