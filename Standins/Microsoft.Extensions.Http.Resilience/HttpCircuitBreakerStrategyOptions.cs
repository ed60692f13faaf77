using Polly.CircuitBreaker;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>A circuit breaker that counts transient failures.</summary>
public class HttpCircuitBreakerStrategyOptions : CircuitBreakerStrategyOptions<HttpResponseMessage>
{
    public HttpCircuitBreakerStrategyOptions() =>
        ShouldHandle = arguments => new ValueTask<bool>(HttpClientResiliencePredicates.IsTransient(arguments.Outcome));
}
