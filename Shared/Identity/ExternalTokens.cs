using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Platform.Identity;

/// <summary>
/// The scheme that verifies tokens of the authority in <see cref="ExternalOptions"/>, the same in every service. A token is sent here by
/// the issuer it claims, and then has to prove that and everything else; all other tokens never come near. Whom it stands for, the
/// service says.
/// </summary>
public static class ExternalTokens
{
    public const string SchemeName = "External";

    private const string Start = "Bearer ";

    /// <summary>Adds the scheme, its settings and keys; the service has to <see cref="Configure"/> it.</summary>
    /// <param name="ownIssuer">The issuer of the platform's own tokens, which the authority can't be.</param>
    public static void AddExternalTokens<TOwn>(this IServiceCollection services, Func<TOwn, string> ownIssuer)
        where TOwn : class
    {
        services.AddOptions<ExternalOptions>().BindConfiguration(ExternalOptions.Section).ValidateDataAnnotations()
            .Validate<IOptions<TOwn>>(
                (external, own) => !external.IsEnabled || external.EffectiveIssuer != ownIssuer(own.Value),
                $"{ExternalOptions.Section}:Issuer is the platform's own: whose keys would be good?")
            .ValidateOnStart();
        services.AddSingleton<AuthorityKeys>();
        services.AddAuthentication().AddJwtBearer(SchemeName, _ => { });
    }

    /// <summary>Whether a request's token claims to be from the authority; never, when there is none.</summary>
    public static Func<HttpRequest, bool> Selector(ExternalOptions options)
    {
        if (!options.IsEnabled)
            return _ => false;
        var issuer = Encoding.UTF8.GetBytes(options.EffectiveIssuer);
        return request => Token(request) is { Length: > 0 } token && IssuerPeek.IsFrom(token, issuer);
    }

    /// <param name="clockSkew">How far the clocks may differ.</param>
    /// <param name="onValidated">Says whom the verified token stands for.</param>
    /// <param name="onChallenge">Answers who couldn't be let in, perhaps because of an <see cref="AuthorityUnavailableException"/>.</param>
    public static void Configure(
        JwtBearerOptions jwt, AuthorityKeys keys, ExternalOptions external, TimeSpan clockSkew,
        Func<TokenValidatedContext, Task> onValidated, Func<JwtBearerChallengeContext, Task> onChallenge)
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
            ClockSkew = clockSkew,
        };
        jwt.Events = new JwtBearerEvents
        {
            OnMessageReceived = context => FetchKeyAsync(context, keys), OnTokenValidated = onValidated, OnChallenge = onChallenge,
        };
    }

    /// <summary>A token's key may be one that isn't known yet.</summary>
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

    private static ReadOnlySpan<char> Token(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith(Start, StringComparison.OrdinalIgnoreCase)
            ? header.AsSpan(Start.Length).Trim() : default;
}
