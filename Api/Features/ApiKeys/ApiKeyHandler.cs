using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Http;

namespace Platform.Api.Features.ApiKeys;

/// <summary>Takes <c>Authorization: Bearer pk_…</c> and gives the same claims an access token has, but no <c>sub</c>.</summary>
internal sealed class ApiKeyHandler(
    ApiKeyVerifier keys, TimeProvider time, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";

    private const string Start = "Bearer " + ApiKeyFormat.Start;

    public static bool IsPresented(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith(Start, StringComparison.OrdinalIgnoreCase);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!IsPresented(Request))
            return AuthenticateResult.NoResult();
        var presented = Request.Headers.Authorization.ToString().AsMemory("Bearer ".Length).Trim();
        if (!ApiKeyFormat.IsWellFormed(presented.Span))
            return Refuse("The API key isn't complete: a character is wrong or missing.");
        var found = await keys.FindAsync(ApiKeyFormat.Hash(presented.Span), Context.RequestAborted);
        if (found is null)
            return Refuse("The API key isn't valid: it is unknown or was revoked.");
        if (found.ExpiresAt <= time.GetUtcNow())
            return Refuse("The API key has expired.");
        if (found.IsSuspended)
            return AuthenticateResult.Fail(new AccessRefusedException(Account.SuspendedDetail));
        return AuthenticateResult.Success(new AuthenticationTicket(found.Principal, SchemeName));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if ((await HandleAuthenticateOnceSafeAsync()).Failure is not { } failure)
        {
            await base.HandleChallengeAsync(properties);
            return;
        }
        if (failure is AccessRefusedException)
        {
            await Problems.Forbidden(failure.Message).ExecuteAsync(Context);
            return;
        }
        Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        await Problems.Unauthorized(failure is AuthenticationFailureException ? failure.Message : "The API key isn't valid.")
            .ExecuteAsync(Context);
    }

    private static AuthenticateResult Refuse(string detail) => AuthenticateResult.Fail(detail);
}
