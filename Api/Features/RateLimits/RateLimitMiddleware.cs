using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Platform.Api.Http;
using Platform.Tenancy;

namespace Platform.Api.Features.RateLimits;

/// <summary>Counts each request against its caller's limits, says in headers what is left, and answers 429 when nothing is.</summary>
internal sealed class RateLimitMiddleware(RequestDelegate next, RateLimiter limiter, IOptions<RateLimitOptions> options, TimeProvider time)
{
    private static readonly Meter Meter = new("Platform.RateLimits");

    private static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "rate_limit_refused_total", description: "Requests answered 429, by limit and kind of caller.");

    private readonly bool _isEnabled = options.Value.Enabled;

    public async Task InvokeAsync(HttpContext context, TenantContext tenant)
    {
        var rule = context.GetEndpoint()?.Metadata.GetMetadata<RateLimitRule>() ?? RateLimitRule.One;
        if (!_isEnabled || rule.IsExempt)
        {
            await next(context);
            return;
        }

        var caller = RateLimitCaller.Of(context, tenant);
        var bucket = limiter.Bucket(caller, context.User);
        RateDecision? further = null;
        if (rule.Policy is { } policy)
        {
            // First, so that calls it refuses don't use up what the caller may do elsewhere.
            var decision = await limiter.Bucket(caller, policy).TakeAsync(1);
            if (!decision.IsAllowed)
            {
                await RefuseAsync(context, caller, decision);
                return;
            }
            further = decision;
        }
        var own = await bucket.TakeAsync(rule.Weight);
        if (!own.IsAllowed)
        {
            await RefuseAsync(context, caller, own);
            return;
        }
        RateLimitHeaders.Set(context.Response, own, further, time.GetUtcNow());
        try
        {
            await next(context);
        }
        catch (Exception) when (SetAgain(context, own, further))
        {
            throw; // Never comes here.
        }
    }

    /// <summary>Who handles the exception clears the headers first: they are set again when the answer begins.</summary>
    private bool SetAgain(HttpContext context, RateDecision own, RateDecision? further)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.OnStarting(() =>
            {
                RateLimitHeaders.Set(context.Response, own, further, time.GetUtcNow());
                return Task.CompletedTask;
            });
        }
        return false;
    }

    private Task RefuseAsync(HttpContext context, RateLimitCaller caller, RateDecision decision)
    {
        Refused.Add(1, new("policy", decision.Quota.Name), new("caller", Name(caller.Kind)));
        RateLimitHeaders.Set(context.Response, decision, further: null, time.GetUtcNow());
        var wait = TimeSpan.FromMicroseconds(decision.RetryAfter);
        var detail = caller.Kind == RateLimitCallerKind.Address
            ? "Too many requests from this address."
            : "The limit of requests is used up.";
        return Problems.TooManyRequests(detail, wait).ExecuteAsync(context);
    }

    private static string Name(RateLimitCallerKind kind) => kind switch
    {
        RateLimitCallerKind.Tenant => "tenant",
        RateLimitCallerKind.Operator => "operator",
        RateLimitCallerKind.Source => "source",
        _ => "address",
    };
}
