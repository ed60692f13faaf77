using System.Text.Json.Serialization;
using Platform.Statistics;

namespace Platform.Api.Features.Performance;

/// <param name="Timestamp">When the figures were read.</param>
/// <param name="Window">Minutes they cover, beside the running one.</param>
/// <param name="Source"><c>local</c> when the store was away and these are one replica's own; else left out.</param>
internal sealed record PerformanceMetrics(
    LatencyFigures Latency, CacheMetrics Cache, SlaMetrics Sla, DateTimeOffset Timestamp, int Window, IReadOnlyList<RouteMetrics> Routes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Source)
{
    public static PerformanceMetrics From(StatisticsReport report, double target, DateTimeOffset timestamp, int window) => new(
        report.Latency,
        new CacheMetrics(report.Cache.HitRate, report.Cache.Hits, report.Cache.Misses),
        new SlaMetrics(target, report.Compliance, report.SlowRequests),
        timestamp, window,
        [.. report.Routes.Select(route => RouteMetrics.From(route, target))],
        report.IsLocal ? "local" : null);
}

/// <param name="HitRate">Percent.</param>
internal sealed record CacheMetrics(double HitRate, long Hits, long Misses);

/// <param name="Target">Milliseconds.</param>
/// <param name="Compliance">Percent of requests within the target.</param>
internal sealed record SlaMetrics(double Target, double Compliance, long SlowRequests);

/// <param name="Cache">Of its answers: how many came from the cache. Those of all routes together count lookups instead, by kind of data.</param>
internal sealed record RouteMetrics(string Route, string Method, LatencyFigures Latency, CacheMetrics Cache, SlaMetrics Sla)
{
    public static RouteMetrics From(RouteFigures route, double target) => new(
        route.Route, route.Method, route.Latency, new CacheMetrics(route.HitRate, route.Hits, route.Misses),
        new SlaMetrics(target, route.Compliance, route.SlowRequests));
}
