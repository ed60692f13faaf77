namespace Platform.Statistics;

/// <summary>What happened in the window.</summary>
/// <param name="IsLocal">True when Redis was away and these are this process's own figures only.</param>
/// <param name="Late">Requests beyond <see cref="StatisticsOptions.Target"/>.</param>
/// <param name="SlowRequests">Requests beyond <see cref="StatisticsOptions.SlowRequest"/>.</param>
/// <param name="Errors">Requests answered 5xx.</param>
/// <param name="Routes">Most requested first.</param>
/// <param name="Caches">By kind of data, most looked up first.</param>
public sealed record StatisticsReport(
    bool IsLocal, LatencyFigures Latency, long Late, long SlowRequests, long Errors, IReadOnlyList<RouteFigures> Routes,
    IReadOnlyList<CacheFigures> Caches)
{
    /// <summary>Percent of requests within the target; 100 without requests.</summary>
    public double Compliance => Share.Percent(Latency.Requests - Late, Latency.Requests, ofNothing: 100);

    /// <summary>All kinds together, but those every request looks up.</summary>
    public CacheFigures Cache
    {
        get
        {
            var counted = Caches.Where(kind => !kind.IsLookedUpByEveryRequest).ToList();
            return new CacheFigures("all", counted.Sum(kind => kind.Hits), counted.Sum(kind => kind.Misses));
        }
    }
}
