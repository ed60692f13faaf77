using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Platform.Identity;

namespace Platform.Realtime.Security;

internal static class SecurityExtensions
{
    private const string TokenOrTicket = "TokenOrTicket";

    // A connection ends when its token does; for the clocks of two machines a little is left.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    /// <summary>Lets in who has an access token of the Api or of the external authority it takes, or a one-time ticket, from the service's own or an allowed origin.</summary>
    public static IHostApplicationBuilder AddRealtimeSecurity(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddHttpClient(SigningKeys.ClientName);
        services.AddSingleton<SigningKeys>();
        services.AddHttpClient(ExternalAccounts.ClientName);
        services.AddSingleton<ExternalAccounts>();
        services.AddExternalTokens<RealtimeOptions>(own => own.Issuer);
        services.AddAuthentication(TokenOrTicket)
            .AddPolicyScheme(TokenOrTicket, null, _ => { })
            .AddScheme<AuthenticationSchemeOptions, TicketAuthenticationHandler>(TicketAuthenticationHandler.Ticket, null)
            .AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<SigningKeys, IOptions<RealtimeOptions>>(ConfigureBearer);
        services.AddOptions<PolicySchemeOptions>(TokenOrTicket).Configure<IOptions<ExternalOptions>>((scheme, external) =>
        {
            var isExternal = ExternalTokens.Selector(external.Value);
            scheme.ForwardDefaultSelector = context =>
                context.Request.Query.ContainsKey(TicketAuthenticationHandler.Parameter) ? TicketAuthenticationHandler.Ticket
                : isExternal(context.Request) ? ExternalTokens.SchemeName
                : JwtBearerDefaults.AuthenticationScheme;
        });
        services.AddOptions<JwtBearerOptions>(ExternalTokens.SchemeName)
            .Configure<AuthorityKeys, ExternalAccounts, IOptions<ExternalOptions>>((jwt, keys, accounts, external) =>
                ExternalTokens.Configure(jwt, keys, external.Value, ClockSkew, accounts.IdentifyAsync, ChallengeAsync));
        services.AddAuthorization();
        services.AddCors();
        services.AddOptions<Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions>()
            .Configure<IOptions<RealtimeOptions>>((cors, options) => cors.AddDefaultPolicy(policy => policy
                .WithOrigins([.. options.Value.AllowedOrigins]).WithMethods("GET").WithHeaders("Authorization", "Last-Event-ID")));
        return builder;
    }

    /// <summary>Checks the origin, before a ticket is spent on a page that may not connect, then token or ticket.</summary>
    public static void UseRealtimeSecurity(this IApplicationBuilder app)
    {
        app.UseMiddleware<OriginCheck>();
        app.UseCors();
        app.UseAuthentication();
        app.UseAuthorization();
    }

    private static void ConfigureBearer(JwtBearerOptions bearer, SigningKeys keys, IOptions<RealtimeOptions> options)
    {
        bearer.MapInboundClaims = false;
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = options.Value.Issuer,
            ValidAudience = options.Value.Audience,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            IssuerSigningKeyResolver = (_, _, keyId, _) => keys.Find(keyId),
            ClockSkew = ClockSkew,
        };
        bearer.Events = new JwtBearerEvents
        {
            OnMessageReceived = context => FetchKeyAsync(context, keys),
            OnChallenge = ChallengeAsync,
        };
    }

    private static Task ChallengeAsync(JwtBearerChallengeContext context)
    {
        if (!context.HttpContext.IsAuthenticationUnavailable() && context.AuthenticateFailure is not AuthorityUnavailableException)
            return Task.CompletedTask;
        context.HandleResponse();
        return context.HttpContext.AnswerUnavailable();
    }

    /// <summary>The resolver of keys can't wait for the Api, so the token's key is fetched before.</summary>
    private static async Task FetchKeyAsync(MessageReceivedContext context, SigningKeys keys)
    {
        const string scheme = "Bearer ";
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            return;
        string keyId;
        try
        {
            keyId = new JsonWebToken(header[scheme.Length..].Trim()).Kid;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException)
        {
            return; // Not a token at all; the handler says so.
        }
        await keys.EnsureAsync(keyId, context.HttpContext.RequestAborted);
        if (!keys.Any)
            context.HttpContext.MarkAuthenticationUnavailable();
    }
}
