using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Platform.Api.Http;
using Platform.Tenancy;

namespace Platform.Api.Features.Auth;

/// <summary>
/// Sets the request's tenant from the verified token or key and from nothing else, and replaces what the token says of its
/// user by the user's standing at this moment. A token without a tenant (an operator's) leaves the tenant unset, and
/// tenant data out of reach.
/// </summary>
internal sealed class StandingCheck(RequestDelegate next, Standings standings)
{
    private static readonly ClaimsPrincipal Nobody = new(new ClaimsIdentity());

    public Task InvokeAsync(HttpContext context, TenantContext tenant)
    {
        if (context.User.Identity is not { IsAuthenticated: true })
            return next(context);
        var principal = PlatformPrincipal.From(context.User);
        if (principal.UserId is not { } user)
            return LetIn(context, tenant, principal); // A machine: its key was looked at a moment ago.
        var pending = standings.GetAsync(principal.Tenant, user, context.RequestAborted);
        return pending.IsCompletedSuccessfully
            ? DecideAsync(context, tenant, principal, pending.Result.Value)
            : AwaitAsync(pending.AsTask());

        async Task AwaitAsync(Task<Caching.Cached<Standing>> loading) =>
            await DecideAsync(context, tenant, principal, (await loading).Value);
    }

    private Task DecideAsync(HttpContext context, TenantContext tenant, PlatformPrincipal principal, Standing standing)
    {
        var refusal = standing.RefusalOf(principal.SessionId);
        if (refusal == Refusal.None)
            return LetIn(context, tenant, principal.With(standing));
        context.User = Nobody;
        // Who signs in or out may bring a token that isn't good any more.
        return context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null
            ? next(context)
            : Refused(context, refusal).ExecuteAsync(context);
    }

    private Task LetIn(HttpContext context, TenantContext tenant, PlatformPrincipal principal)
    {
        if (!ReferenceEquals(context.User, principal))
            context.User = principal;
        if (principal.Tenant is { } id)
            tenant.Set(id);
        return next(context);
    }

    private static ProblemResult Refused(HttpContext context, Refusal refusal)
    {
        if (refusal == Refusal.Suspended)
            return Problems.Forbidden(Account.SuspendedDetail);
        context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        return Problems.Unauthorized("The session has ended. Sign in again.");
    }
}
