using System.Threading.RateLimiting;
using Polly;
using Polly.RateLimiting;

namespace Microsoft.Extensions.Http.Resilience;

internal sealed class RateLimiterStrategy(RateLimiter limiter) : ResilienceStrategy<HttpResponseMessage>
{
    protected override async ValueTask<Outcome<HttpResponseMessage>> ExecuteCore<TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<HttpResponseMessage>>> callback,
        ResilienceContext context,
        TState state)
    {
        using var lease = await limiter.AcquireAsync(1, context.CancellationToken).ConfigureAwait(context.ContinueOnCapturedContext);
        return lease.IsAcquired
            ? await callback(context, state).ConfigureAwait(context.ContinueOnCapturedContext)
            : Outcome.FromException<HttpResponseMessage>(new RateLimiterRejectedException());
    }
}
