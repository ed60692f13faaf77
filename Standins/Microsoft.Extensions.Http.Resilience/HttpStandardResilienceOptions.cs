namespace Microsoft.Extensions.Http.Resilience;

/// <summary>The five strategies of the standard pipeline, from the outermost to the innermost.</summary>
public class HttpStandardResilienceOptions
{
    /// <summary>Requests at once; default 1,000, none waiting.</summary>
    public HttpRateLimiterStrategyOptions RateLimiter { get; set; } = new();

    /// <summary>Time for a request with all its retries, up to the response's headers; default 30 s.</summary>
    public HttpTimeoutStrategyOptions TotalRequestTimeout { get; set; } = new() { Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>Default 3 retries, exponential from 2 s, with jitter; a <c>Retry-After</c> header wins.</summary>
    public HttpRetryStrategyOptions Retry { get; set; } = new();

    /// <summary>Opens for 5 s when 10 % of at least 100 requests in 30 s failed.</summary>
    public HttpCircuitBreakerStrategyOptions CircuitBreaker { get; set; } = new();

    /// <summary>Time for one attempt; default 10 s.</summary>
    public HttpTimeoutStrategyOptions AttemptTimeout { get; set; } = new() { Timeout = TimeSpan.FromSeconds(10) };
}
