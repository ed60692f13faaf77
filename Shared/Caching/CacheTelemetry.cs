using System.Diagnostics.Metrics;

namespace Platform.Caching;

/// <summary>Instruments of the cache; the meter is called <c>Platform.Caching</c>. The kind is a tag, the tenant never is.</summary>
internal static class CacheTelemetry
{
    private static readonly Meter Meter = new("Platform.Caching");

    private static readonly Counter<long> Hits =
        Meter.CreateCounter<long>("redis_cache_hits_total", description: "Values found in the cache, by kind and level (local, redis).");

    private static readonly Counter<long> Misses =
        Meter.CreateCounter<long>("redis_cache_misses_total", description: "Values that had to be fetched, by kind.");

    private static readonly Counter<long> Refreshes =
        Meter.CreateCounter<long>("redis_cache_early_refreshes_total", description: "Values fetched again before they expired, by kind.");

    private static readonly Counter<long> Bypasses =
        Meter.CreateCounter<long>("redis_cache_bypasses_total", description: "Values fetched because the cache is switched off, by kind.");

    public static readonly Counter<long> Invalidations =
        Meter.CreateCounter<long>("redis_cache_invalidations_total", description: "Tags invalidated by this process.");

    public static readonly Counter<long> Hints =
        Meter.CreateCounter<long>("redis_cache_hints_total", description: "Invalidations heard of, from this process and others.");

    /// <param name="variant">Null outside an experiment: the tag is then left out.</param>
    public static void Hit(CacheKind kind, string? variant, bool local)
    {
        if (variant is null)
            Hits.Add(1, Tag(kind), new("level", local ? "local" : "redis"));
        else
            Hits.Add(1, Tag(kind), new("level", local ? "local" : "redis"), new("variant", variant));
    }

    public static void Miss(CacheKind kind, string? variant)
    {
        if (variant is null)
            Misses.Add(1, Tag(kind));
        else
            Misses.Add(1, Tag(kind), new KeyValuePair<string, object?>("variant", variant));
    }

    public static void Refresh(CacheKind kind) => Refreshes.Add(1, Tag(kind));

    public static void Bypass(CacheKind kind) => Bypasses.Add(1, Tag(kind));

    private static KeyValuePair<string, object?> Tag(CacheKind kind) => new("kind", kind.Name);
}
