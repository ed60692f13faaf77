namespace Platform.Api.Features.RateLimits;

/// <summary>What became of one request.</summary>
/// <param name="Quota">The limit that decided.</param>
/// <param name="Remaining">Requests that may still follow at once.</param>
/// <param name="ResetAfter">Until the whole limit is available again, µs.</param>
/// <param name="RetryAfter">Until the same request would be let through, µs; 0 when it was.</param>
internal readonly record struct RateDecision(RateQuota Quota, bool IsAllowed, long Remaining, long ResetAfter, long RetryAfter);
