using Microsoft.Extensions.Options;
using Platform.Api.Features.RateLimits;
using Platform.Api.Http;
using Platform.Data.Webhooks;

namespace Platform.Api.Features.Webhooks;

/// <summary>What callers may do: a call that proves itself counts against its source, any other against the address it came from.</summary>
/// <remarks>
/// A provider calls all tenants from the same few addresses, and with many of them anybody may choose what is sent. So good calls neither
/// count against an address nor are held up by its block, or one tenant could cut all others off by sending nonsense through the same
/// provider. A blocked address is refused as soon as it is plain that a call can't be good.
/// </remarks>
internal sealed class WebhookLimits(RateLimiter limiter, IOptions<RateLimitOptions> options, TimeProvider time)
{
    private readonly bool _isEnabled = options.Value.Enabled;

    /// <summary>
    /// Whether this process knows that the caller's address is blocked. Redis isn't asked: good calls would wait for it, and another
    /// replica's block shows with the first call that is refused here.
    /// </summary>
    public bool IsBlocked(HttpContext context) => _isEnabled && OfAddress(context).IsRefused;

    /// <summary>The answer to a call that couldn't prove itself, which counts; 429 when there were too many from its address.</summary>
    public async Task<IResult> RefuseAsync(HttpContext context, string provider, ProblemResult problem)
    {
        WebhookTelemetry.Count(WebhookProviders.All.Contains(provider) ? provider : "unknown", "refused");
        return await TakeAsync(context, OfAddress(context), "Too many calls from this address.") ?? problem;
    }

    /// <returns>Null when the source may make one more.</returns>
    public async Task<ProblemResult?> LimitAsync(HttpContext context, string provider, CallingSource source)
    {
        var bucket = limiter.Bucket(RateLimitCaller.OfSource(source.Id), RateLimitPolicies.Webhooks);
        var limited = await TakeAsync(context, bucket, "Too many calls.");
        if (limited is not null)
            WebhookTelemetry.Count(provider, "limited");
        return limited;
    }

    private RateBucket OfAddress(HttpContext context) =>
        limiter.Bucket(RateLimitCaller.Of(context.Connection.RemoteIpAddress), context.User);

    private async Task<ProblemResult?> TakeAsync(HttpContext context, RateBucket bucket, string detail)
    {
        if (!_isEnabled)
            return null;
        var decision = await bucket.TakeAsync(1);
        RateLimitHeaders.Set(context.Response, decision, further: null, time.GetUtcNow());
        return decision.IsAllowed ? null : Problems.TooManyRequests(detail, TimeSpan.FromMicroseconds(decision.RetryAfter));
    }
}
