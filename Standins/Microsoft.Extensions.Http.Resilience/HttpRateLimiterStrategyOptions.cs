using System.Threading.RateLimiting;
using Polly;

namespace Microsoft.Extensions.Http.Resilience;

public class HttpRateLimiterStrategyOptions : ResilienceStrategyOptions
{
    public HttpRateLimiterStrategyOptions() => Name = "RateLimiter";

    /// <summary>Default: 1,000 requests at once, none waiting.</summary>
    public ConcurrencyLimiterOptions DefaultRateLimiterOptions { get; set; } = new() { PermitLimit = 1_000, QueueLimit = 0 };
}
