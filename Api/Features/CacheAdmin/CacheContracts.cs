namespace Platform.Api.Features.CacheAdmin;

/// <param name="HitRate">Percent of lookups.</param>
/// <param name="Window">Minutes the figures cover, beside the running one.</param>
/// <param name="Source"><c>all</c> replicas, or <c>local</c> while the store is away: this one's.</param>
internal sealed record CacheReport(
    bool Enabled, long Hits, long Misses, double HitRate, IReadOnlyList<CacheKindFigures> Kinds, DateTimeOffset Timestamp, int Window,
    string Source);

/// <summary>One kind of cached data.</summary>
/// <param name="TtlSeconds">How long entries live at most, outside an experiment.</param>
/// <param name="Variants">The two lifetimes that are compared, side by side; empty without an experiment.</param>
internal sealed record CacheKindFigures(
    string Kind, double TtlSeconds, long Hits, long Misses, double HitRate, IReadOnlyList<CacheVariantFigures> Variants);

/// <param name="Share">The part of the keys that has this lifetime.</param>
internal sealed record CacheVariantFigures(string Variant, double TtlSeconds, double Share, long Hits, long Misses, double HitRate);
