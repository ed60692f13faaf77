using Polly;
using Polly.Retry;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Retries transient failures: 3 times, exponentially from 2 s, with jitter.</summary>
public class HttpRetryStrategyOptions : RetryStrategyOptions<HttpResponseMessage>
{
    public HttpRetryStrategyOptions()
    {
        ShouldHandle = arguments => new ValueTask<bool>(HttpClientResiliencePredicates.IsTransient(arguments.Outcome));
        BackoffType = DelayBackoffType.Exponential;
        UseJitter = true;
        ShouldRetryAfterHeader = true;
    }

    /// <summary>Waits as long as the response's <c>Retry-After</c> says, in seconds or until a date. Default true.</summary>
    public bool ShouldRetryAfterHeader
    {
        get;
        set
        {
            field = value;
            DelayGenerator = value ? arguments => new ValueTask<TimeSpan?>(RetryAfter(arguments.Outcome.Result)) : null;
        }
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage? response) => response?.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - DateTimeOffset.UtcNow is var wait => wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };
}
