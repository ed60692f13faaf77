namespace Platform.Api.Features.RateLimits;

/// <summary>One limit beside the caller's own: <c>RateLimit:Policies:{name}</c>.</summary>
public sealed class RateLimitPolicyOptions
{
    /// <summary>Calls in <see cref="Period"/>.</summary>
    public int Limit { get; set; } = 100;

    /// <summary>Default 1 minute.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromMinutes(1);
}
