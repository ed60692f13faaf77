using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Platform.Api.Features.Auth.External;

/// <summary>
/// The scheme that verifies tokens of the authority in <see cref="ExternalOptions"/>. A token is sent here by the issuer it
/// claims, and then has to prove that and everything else; all other tokens never come near.
/// </summary>
internal static class ExternalAuthority
{
    public const string SchemeName = "External";

    private const string Start = "Bearer ";

    public static void AddExternalAuthority(this IServiceCollection services)
    {
        services.AddOptions<ExternalOptions>().BindConfiguration(ExternalOptions.Section).ValidateDataAnnotations()
            .Validate<IOptions<AuthOptions>>(
                (external, own) => !external.IsEnabled || external.EffectiveIssuer != own.Value.Issuer,
                "Auth:External:Issuer is the platform's own (Auth:Issuer): whose keys would be good?")
            .ValidateOnStart();
        services.AddSingleton<AuthorityKeys>();
        services.AddSingleton<ExternalIdentities>();
        services.AddAuthentication().AddJwtBearer(SchemeName, _ => { });
        services.AddOptions<JwtBearerOptions>(SchemeName)
            .Configure<AuthorityKeys, ExternalIdentities, IOptions<ExternalOptions>>(
                (jwt, keys, identities, external) => Configure(jwt, keys, identities, external.Value));
    }

    /// <summary>Whether a request's token claims to be from the authority; never, when there is none.</summary>
    public static Func<HttpRequest, bool> Selector(ExternalOptions options)
    {
        if (!options.IsEnabled)
            return _ => false;
        var issuer = Encoding.UTF8.GetBytes(options.EffectiveIssuer);
        return request => Token(request) is { Length: > 0 } token && IssuerPeek.IsFrom(token, issuer);
    }

    private static void Configure(JwtBearerOptions jwt, AuthorityKeys keys, ExternalIdentities identities, ExternalOptions external)
    {
        jwt.MapInboundClaims = false;
        jwt.ConfigurationManager = keys;
        jwt.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = external.EffectiveIssuer,
            ValidAudience = external.Audience,
            // Asymmetric ones only: with a shared secret, or none, whoever can read the published keys could sign.
            ValidAlgorithms =
            [
                SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
                SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
                SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
            ],
            // Not a logout token, say, which is signed with the same keys.
            ValidTypes = [JwtConstants.HeaderType, "at+jwt", "application/at+jwt"],
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ClockSkew = AuthOptions.ClockSkew,
        };
        jwt.Events = new JwtBearerEvents
        {
            OnMessageReceived = context => FetchKeyAsync(context, keys),
            OnTokenValidated = context => IdentifyAsync(context, identities),
            OnChallenge = AuthExtensions.ChallengeAsync,
        };
    }

    /// <summary>Raised for tokens that aren't remembered: their key may be one that isn't known yet.</summary>
    private static async Task FetchKeyAsync(MessageReceivedContext context, AuthorityKeys keys)
    {
        try
        {
            await keys.EnsureAsync(new JsonWebToken(Token(context.Request).ToString()).Kid, context.HttpContext.RequestAborted);
        }
        catch (AuthorityUnavailableException exception)
        {
            context.Fail(exception);
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException)
        {
            // Not a token at all; the handler says so.
        }
    }

    private static Task IdentifyAsync(TokenValidatedContext context, ExternalIdentities identities)
    {
        var pending = identities.ResolveAsync(context.SecurityToken, context.Principal!, context.HttpContext.RequestAborted);
        if (!pending.IsCompletedSuccessfully)
            return WaitAsync(pending.AsTask(), context);
        context.Principal = pending.Result;
        return Task.CompletedTask;
    }

    private static async Task WaitAsync(Task<PlatformPrincipal> pending, TokenValidatedContext context)
    {
        try
        {
            context.Principal = await pending;
        }
        catch (AccessRefusedException exception)
        {
            context.Fail(exception);
        }
    }

    private static ReadOnlySpan<char> Token(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith(Start, StringComparison.OrdinalIgnoreCase)
            ? header.AsSpan(Start.Length).Trim() : default;
}
