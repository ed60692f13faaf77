namespace Platform.Statistics;

/// <summary>Lookups in the cache of one kind of data.</summary>
/// <param name="Kind">As the cache names it: <c>events.list</c>; in an experiment with the variant: <c>events.list|a</c>.</param>
public sealed record CacheFigures(string Kind, long Hits, long Misses)
{
    /// <summary>Stands between a kind and its variant.</summary>
    public const char VariantMark = '|';

    // The caller's standing and the tenant's plan: nearly always found, at each request. Counted with the others they would
    // show a hit rate near 100 % however badly answers are cached, and no alert would ever fire.
    private static readonly string[] OfEveryRequest = ["permissions", "tenant.plan"];

    /// <summary>Whether its figures say nothing of how well answers are cached, and are left out of the sum of all kinds.</summary>
    public bool IsLookedUpByEveryRequest => OfEveryRequest.Contains(Kind.Split(VariantMark)[0], StringComparer.Ordinal);

    /// <summary>Percent of lookups that found the value; 0 without lookups.</summary>
    public double HitRate => Share.Percent(Hits, Hits + Misses, ofNothing: 0);
}
