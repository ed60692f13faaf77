namespace Platform.Api.Features.RateLimits;

/// <summary>What of a tenant's limit is used at this moment.</summary>
/// <param name="Limit">Requests a minute.</param>
/// <param name="Used">Of them, not available again yet.</param>
/// <param name="Remaining">How many may follow at once.</param>
/// <param name="ResetAt">When the whole limit is available again, if nothing more comes.</param>
internal sealed record UsedLimit(int Limit, long Used, long Remaining, DateTimeOffset ResetAt);
