using System.Security.Claims;
using Platform.Tenancy;

namespace Platform.Api.Features.Auth;

/// <summary>
/// Sets the request's tenant from the verified token or key and from nothing else, and replaces what the token says of its
/// user by the user's standing at this moment. A token without a tenant (an operator's) leaves the tenant unset, and
/// tenant data out of reach.
/// </summary>
internal sealed class StandingCheck(RequestDelegate next, Standings standings)
{
    private static readonly object RefusalKey = new();
    private static readonly ClaimsPrincipal Nobody = new(new ClaimsIdentity());

    /// <summary>Why the request's caller, whose token is good, was refused all the same.</summary>
    public static Refusal RefusalOf(HttpContext context) => context.Items[RefusalKey] is Refusal refusal ? refusal : Refusal.None;

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
        // Counted by address from here on, and refused where nobody is; who signs in or out may come with such a token.
        context.User = Nobody;
        context.Items[RefusalKey] = refusal;
        return next(context);
    }

    private Task LetIn(HttpContext context, TenantContext tenant, PlatformPrincipal principal)
    {
        if (!ReferenceEquals(context.User, principal))
            context.User = principal;
        if (principal.Tenant is { } id)
            tenant.Set(id);
        return next(context);
    }

}
