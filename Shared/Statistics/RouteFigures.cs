namespace Platform.Statistics;

/// <summary>One route's figures.</summary>
/// <param name="Method">GET, POST…</param>
/// <param name="Route">The path's template, <c>/api/contacts/{id:guid}</c>; <c>(none)</c> for addresses that lead nowhere.</param>
/// <param name="SlowRequests">Those beyond <see cref="StatisticsOptions.SlowRequest"/>.</param>
/// <param name="Errors">Those answered 5xx.</param>
public sealed record RouteFigures(string Method, string Route, LatencyFigures Latency, long SlowRequests, long Errors);
