using System.ComponentModel.DataAnnotations;

namespace Platform.Api.Features.RateLimits;

/// <summary>How many requests callers may make, section <c>RateLimit</c>. Limits are requests a minute.</summary>
public sealed class RateLimitOptions : IValidatableObject
{
    public const string Section = "RateLimit";

    /// <summary>Beyond it, the time between two requests would be less than the limiter's unit, a microsecond.</summary>
    private const int Highest = 60_000_000;

    /// <summary>False lets everything through, without headers. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>For a tenant of plan free. Also <c>RATE_LIMIT_FREE</c>. Default 100.</summary>
    [Range(1, Highest)]
    public int Free { get; set; } = 100;

    /// <summary>For a tenant of plan pro. Also <c>RATE_LIMIT_PRO</c>. Default 500.</summary>
    [Range(1, Highest)]
    public int Pro { get; set; } = 500;

    /// <summary>For a tenant of plan enterprise. Also <c>RATE_LIMIT_ENTERPRISE</c>. Default 2000.</summary>
    [Range(1, Highest)]
    public int Enterprise { get; set; } = 2000;

    /// <summary>For one operator. Default 500.</summary>
    [Range(1, Highest)]
    public int Operator { get; set; } = 500;

    /// <summary>For an address nobody has signed in from; IPv6 by /64. Default 100.</summary>
    [Range(1, Highest)]
    public int Anonymous { get; set; } = 100;

    /// <summary>How long an address that went over its limit is refused altogether; 0 not at all. Default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan AnonymousBlock { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Share of a minute's requests that may come at once, after a pause; the rest follows evenly. Default 1: all of them.
    /// </summary>
    [Range(0.01, 1)]
    public double Burst { get; set; } = 1;

    /// <summary>Longest wait for Redis before this process decides alone. Default 200 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.005", "00:00:05")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Limits of their own for some calls, beside the caller's: <see cref="RateLimitPolicies"/>.</summary>
    public IDictionary<string, RateLimitPolicyOptions> Policies { get; } = new Dictionary<string, RateLimitPolicyOptions>(StringComparer.Ordinal)
    {
        [RateLimitPolicies.SignIn] = new() { Limit = 30 },
        [RateLimitPolicies.Imports] = new() { Limit = 20 },
        [RateLimitPolicies.Images] = new() { Limit = 60 },
        [RateLimitPolicies.Webhooks] = new() { Limit = 3000 },
    };

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Policies
        .Where(policy => policy.Value.Limit is < 1 or > Highest || policy.Value.Period < TimeSpan.FromMilliseconds(100)
            || policy.Value.Period > TimeSpan.FromDays(1) || policy.Value.Period.TotalMicroseconds < policy.Value.Limit)
        .Select(policy => new ValidationResult(
            $"RateLimit:Policies:{policy.Key} needs a Limit of 1 to {Highest} and a Period of 100 ms to a day, at most one a microsecond.",
            [nameof(Policies)]));
}
