namespace Platform.Statistics;

/// <summary>One route's figures.</summary>
/// <param name="Method">GET, POST…</param>
/// <param name="Route">The path's template, <c>/api/contacts/{id:guid}</c>; <c>(none)</c> for addresses that lead nowhere.</param>
/// <param name="Late">Those beyond <see cref="StatisticsOptions.Target"/>.</param>
/// <param name="SlowRequests">Those beyond <see cref="StatisticsOptions.SlowRequest"/>.</param>
/// <param name="Errors">Those answered 5xx.</param>
/// <param name="Hits">Answers with <c>X-Cache-Hit: true</c>.</param>
/// <param name="Misses">Answers with <c>X-Cache-Hit: false</c>.</param>
public sealed record RouteFigures(
    string Method, string Route, LatencyFigures Latency, long Late, long SlowRequests, long Errors, long Hits, long Misses)
{
    /// <summary>Percent of requests within the target; 100 without requests.</summary>
    public double Compliance => Share.Percent(Latency.Requests - Late, Latency.Requests, ofNothing: 100);

    /// <summary>Percent of answers that came from the cache, of those that could; 0 without any.</summary>
    public double HitRate => Share.Percent(Hits, Hits + Misses, ofNothing: 0);
}
