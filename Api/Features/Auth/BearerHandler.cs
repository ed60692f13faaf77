using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Platform.Api.Features.Auth;

/// <summary>
/// Authenticates a token that is known to be good without verifying its signature again; everything else goes the usual way.
/// <c>OnTokenValidated</c> is raised either way, <c>OnMessageReceived</c> for tokens that aren't known only.
/// </summary>
internal sealed class BearerHandler(IOptionsMonitor<JwtBearerOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : JwtBearerHandler(options, logger, encoder)
{
    private const string Prefix = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() =>
        Request.Headers.Authorization is [{ } header] && header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        && Options.TokenHandlers is [VerifiedTokens known]
        && TryGetConfiguration(out var configuration)
        && known.TryGet(header.AsSpan(Prefix.Length).Trim(), configuration, out var token)
            ? AuthenticateAsync(token)
            : base.HandleAuthenticateAsync();

    /// <summary>False when the keys have to be waited for.</summary>
    private bool TryGetConfiguration(out OpenIdConnectConfiguration? configuration)
    {
        configuration = null;
        if (Options.ConfigurationManager is not { } manager)
            return true;
        var pending = manager.GetConfigurationAsync(Context.RequestAborted);
        if (!pending.IsCompletedSuccessfully)
            return false;
        configuration = pending.Result;
        return true;
    }

    private Task<AuthenticateResult> AuthenticateAsync(VerifiedToken token)
    {
        var context = new TokenValidatedContext(Context, Scheme, Options)
        {
            Principal = token.Principal,
            SecurityToken = token.Token,
        };
        var raised = Events.TokenValidated(context);
        return raised.IsCompletedSuccessfully ? Task.FromResult(Result(context)) : WaitAsync(raised, context);
    }

    private static async Task<AuthenticateResult> WaitAsync(Task raised, TokenValidatedContext context)
    {
        await raised;
        return Result(context);
    }

    private static AuthenticateResult Result(TokenValidatedContext context)
    {
        if (context.Result is null)
            context.Success();
        return context.Result!;
    }
}
