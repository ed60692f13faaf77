using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Platform.Web.Sessions;

/// <summary>Lets a cookie count only while its session exists.</summary>
internal sealed class SessionCookieEvents(SessionTokens tokens) : CookieAuthenticationEvents
{
    private const string Rejected = "session.rejected";

    public override async Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        if (context.Principal is { } principal && SessionKey.Of(principal) is { } key
            && await tokens.ExistsAsync(key, context.HttpContext.RequestAborted)) return;
        context.RejectPrincipal();
        context.HttpContext.Items[Rejected] = true;
        await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
    }

    public override Task RedirectToLogin(RedirectContext<CookieAuthenticationOptions> context)
    {
        if (context.Request.Path.StartsWithSegments("/import/transfer", StringComparison.Ordinal))
        {
            // Called by script, which can't make anything of a page.
            return Results.Problem("Your session has ended. Please sign in again.", statusCode: StatusCodes.Status401Unauthorized)
                .ExecuteAsync(context.HttpContext);
        }
        var ended = context.HttpContext.Items.ContainsKey(Rejected) ? "&ended=true" : "";
        context.Response.Redirect(context.RedirectUri + ended);
        return Task.CompletedTask;
    }
}
