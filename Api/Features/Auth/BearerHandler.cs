using System.Diagnostics.CodeAnalysis;
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

    /// <summary>Finds the request's token among those that are known to be good, keys and expiry looked at.</summary>
    public static bool TryGetKnown(HttpRequest request, JwtBearerOptions options, [NotNullWhen(true)] out VerifiedToken? token)
    {
        token = null;
        return request.Headers.Authorization is [{ } header] && header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            && options.TokenHandlers is [VerifiedTokens known]
            && TryGetConfiguration(options, request.HttpContext.RequestAborted, out var configuration)
            && known.TryGet(header.AsSpan(Prefix.Length).Trim(), configuration, out token);
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() =>
        TryGetKnown(Request, Options, out var token) ? AuthenticateAsync(token) : base.HandleAuthenticateAsync();

    /// <summary>False when the keys have to be waited for.</summary>
    private static bool TryGetConfiguration(
        JwtBearerOptions options, CancellationToken cancellationToken, out OpenIdConnectConfiguration? configuration)
    {
        configuration = null;
        if (options.ConfigurationManager is not { } manager)
            return true;
        var pending = manager.GetConfigurationAsync(cancellationToken);
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
