using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Platform.Tenancy;
using Platform.Web.Backend;

namespace Platform.Web.Sessions;

/// <summary>Signs a browser in and out.</summary>
internal sealed class SignInService(IAuthBackend auth, SessionTokens tokens)
{
    /// <returns>Null when signed in, else what to tell the user.</returns>
    public async Task<string?> SignInAsync(HttpContext context, string email, string password)
    {
        var cancellationToken = context.RequestAborted;
        var login = await auth.LoginAsync(email, password, cancellationToken);
        if (!login.Succeeded) return Explain(login.Problem);
        var account = await auth.GetAccountAsync(login.Value.AccessToken, cancellationToken);
        if (!account.Succeeded) return Explain(account.Problem);
        if (account.Value.TenantId is not { } id || id == Guid.Empty)
            return "This account operates the platform and has no workspace of its own. Sign in with a workspace account.";

        // A browser that was signed in as somebody else leaves no session behind.
        if (SessionKey.Of(context.User) is { } previous) await tokens.RemoveAsync(previous, cancellationToken);
        var key = SessionKey.Create(new TenantId(id));
        await tokens.CreateAsync(key, login.Value);
        await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, PrincipalOf(account.Value, key));
        return null;
    }

    public async Task SignOutAsync(HttpContext context)
    {
        if (SessionKey.Of(context.User) is { } key) await tokens.RemoveAsync(key, context.RequestAborted);
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
    }

    internal static ClaimsPrincipal PrincipalOf(AccountView account, SessionKey key)
    {
        var identity = new ClaimsIdentity(CookieAuthenticationDefaults.AuthenticationScheme, ClaimTypes.Name, PlatformClaims.Role);
        identity.AddClaim(new Claim(SessionKey.ClaimType, key.Id));
        identity.AddClaim(new Claim(PlatformClaims.TenantId, key.Tenant.ToString()));
        identity.AddClaim(new Claim(PlatformClaims.Tenant, account.Tenant ?? ""));
        identity.AddClaim(new Claim(PlatformClaims.Plan, account.Plan ?? ""));
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, account.UserId.ToString("D")));
        identity.AddClaim(new Claim(ClaimTypes.Name, account.Name));
        identity.AddClaim(new Claim(ClaimTypes.Email, account.Email));
        identity.AddClaims(account.Roles.Select(role => new Claim(PlatformClaims.Role, role)));
        identity.AddClaims(account.Permissions.Select(permission => new Claim(PlatformClaims.Permission, permission)));
        return new ClaimsPrincipal(identity);
    }

    internal static string Explain(ApiProblem problem) => problem.Failure switch
    {
        // Never which of the two was wrong: that would tell who has an account.
        ApiFailure.SignedOut or ApiFailure.Invalid or ApiFailure.NotFound => "E-mail address or password is not right. Please try again.",
        ApiFailure.Forbidden => "This account can't sign in at the moment. Ask an administrator of your workspace.",
        ApiFailure.RateLimited when problem.RetryAfter is { TotalSeconds: >= 1 } wait =>
            $"Too many attempts. Try again in {Math.Ceiling(wait.TotalSeconds):0} seconds.",
        ApiFailure.RateLimited => "Too many attempts. Try again in a minute.",
        ApiFailure.Unavailable => "Signing in isn't possible right now because the service can't be reached. Try again in a moment.",
        _ => "Something went wrong on our side. Try again in a moment.",
    };
}
