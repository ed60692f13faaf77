namespace Platform.Api.Features.Health;

/// <param name="Status">healthy, degraded (it serves, something is missing) or unhealthy.</param>
internal sealed record HealthReport(string Status, IReadOnlyDictionary<string, ComponentHealth> Components, DateTimeOffset Timestamp);

/// <param name="Status">healthy, degraded or unhealthy.</param>
/// <param name="ResponseTimeMs">Milliseconds the check took.</param>
internal sealed record ComponentHealth(string Status, double ResponseTimeMs);
