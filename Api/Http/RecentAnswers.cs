using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Features.RateLimits;
using Platform.Caching;

namespace Platform.Api.Http;

/// <summary>
/// Answers a cached GET that the same caller got a moment ago, before the pipeline does all of its work again: the token is
/// known to be good, the caller's standing is the very one that was let in then, the answer is still in memory, and the limit
/// has room that needn't be asked for. If any of it doesn't hold, or has to be waited for, the pipeline decides as always.
/// </summary>
internal sealed class RecentAnswers(
    RequestDelegate next, IOptionsMonitor<JwtBearerOptions> jwt, Standings standings, TenantCache cache, RateLimiter limiter,
    IOptions<RateLimitOptions> limits, TimeProvider time)
{
    private static readonly Meter Meter = new("Platform.Api");

    private static readonly Counter<long> Given = Meter.CreateCounter<long>(
        "recent_answers_total", description: "Cached answers given again to the same caller without going through the pipeline.");

    private readonly bool _isLimited = limits.Value.Enabled;

    public Task InvokeAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) || context.GetEndpoint() is not { } endpoint
            || endpoint.Metadata.GetMetadata<CachedEndpoint>() is null
            || Caller(context) is not { } caller
            || !caller.Answers.TryFind(context.Request, endpoint, out var place)
            || !TryCount(caller, endpoint, out var decision))
            return next(context);
        if (!cache.TryGetAgain<CachedAnswer>(place, out var answer))
            return next(context); // Counted twice then: seldom, and never in the caller's favour.
        Given.Add(1);
        context.User = caller;
        if (decision.Quota is not null)
            RateLimitHeaders.Set(context.Response, decision, further: null, time.GetUtcNow());
        return answer.Hit.ExecuteAsync(context);
    }

    /// <summary>Null for a token or a standing that isn't at hand, or isn't good any more.</summary>
    private PlatformPrincipal? Caller(HttpContext context)
    {
        if (!BearerHandler.TryGetKnown(context.Request, jwt.Get(JwtBearerDefaults.AuthenticationScheme), out var token)
            || token.Principal is not { Tenant: { } tenant, UserId: { } user, SessionId: var session })
            return null;
        var standing = standings.GetAsync(tenant, user, CancellationToken.None);
        return standing is { IsCompletedSuccessfully: true, Result.Value: var value } && value.RefusalOf(session) == Refusal.None
            ? token.Principal.With(value)
            : null;
    }

    private bool TryCount(PlatformPrincipal caller, Endpoint endpoint, out RateDecision decision)
    {
        decision = default;
        if (!_isLimited)
            return true;
        var rule = endpoint.Metadata.GetMetadata<RateLimitRule>() ?? RateLimitRule.One;
        return rule is { Policy: null, IsExempt: false }
            && limiter.Bucket(new RateLimitCaller(RateLimitCallerKind.Tenant, caller.Tenant!.Value.Value), caller).TryTake(rule.Weight, out decision);
    }
}
