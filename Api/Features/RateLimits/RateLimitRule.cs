namespace Platform.Api.Features.RateLimits;

/// <summary>What a call costs; metadata of its endpoint.</summary>
/// <param name="Weight">Requests it counts as; 0 only shows the headers and is never refused.</param>
/// <param name="Policy">A further limit it counts against once; see <see cref="RateLimitPolicies"/>.</param>
/// <param name="IsExempt">Neither counted nor refused, without headers.</param>
internal sealed record RateLimitRule(int Weight, string? Policy = null, bool IsExempt = false)
{
    public static readonly RateLimitRule One = new(1);

    public static readonly RateLimitRule Exempt = new(0, IsExempt: true);
}
