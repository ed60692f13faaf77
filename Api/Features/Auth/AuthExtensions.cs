using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Platform.Api.Features.ApiKeys;
using Platform.Api.Features.Auth.External;
using Platform.Api.Http;
using Platform.Identity;
using Platform.Tenancy;

namespace Platform.Api.Features.Auth;

internal static class AuthExtensions
{
    /// <summary>Bearer tokens on every endpoint that doesn't say otherwise, and the services behind <c>/api/auth</c>.</summary>
    public static void AddAuth(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<AuthOptions>().BindConfiguration(AuthOptions.Section).ValidateDataAnnotations()
            .Validate(auth => auth.KeyOverlap < auth.KeyRotation, "Auth:KeyOverlap must be shorter than Auth:KeyRotation.")
            .ValidateOnStart();
        services.AddSingleton<SigningKeyStore>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<AccountStore>();
        services.AddSingleton<SignInLockout>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<Credentials>();
        services.AddSingleton<Standings>();
        services.AddSingleton<IPermissionChanges, PermissionChanges>();
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        services.AddExternalAuthority();
        services.AddVerifiedTokens();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<SigningKeys, IOptions<AuthOptions>, IOptions<ExternalOptions>>(
                (jwt, keys, auth, external) => Configure(jwt, keys, auth.Value, ExternalTokens.Selector(external.Value)));
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
    }

    /// <summary>Sets the tenant of the request and looks whether its caller is still welcome: <see cref="StandingCheck"/>.</summary>
    public static IApplicationBuilder UseTenant(this IApplicationBuilder app) => app.UseMiddleware<StandingCheck>();

    /// <summary>Lets in who holds the permission, in a tenant (403 otherwise). See <see cref="Permissions"/>.</summary>
    public static TBuilder RequirePermission<TBuilder>(this TBuilder builder, string permission)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(policy => policy.RequireTenant().RequireClaim(PlatformClaims.Permission, permission));

    /// <summary>Lets in who holds the permission in a tenant, and operators: for figures that belong to no tenant.</summary>
    public static TBuilder RequirePermissionOrOperator<TBuilder>(this TBuilder builder, string permission)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(policy => policy.RequireAssertion(context =>
            IsOperator(context.User) || (HasTenant(context.User) && context.User.Holds(permission))));

    /// <summary>Lets in operators only, who belong to no tenant: no role of a tenant can give this.</summary>
    public static TBuilder RequireOperator<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(policy => policy.RequireAssertion(context => IsOperator(context.User)));

    /// <summary>Lets in who acts for a tenant: not operators.</summary>
    public static AuthorizationPolicyBuilder RequireTenant(this AuthorizationPolicyBuilder policy) =>
        policy.RequireAssertion(context => HasTenant(context.User));

    private static bool HasTenant(ClaimsPrincipal user) => TenantId.TryParse(user.FindFirst(PlatformClaims.TenantId)?.Value, out _);

    /// <summary>The permission alone isn't enough: it is an operator's standing that gives it, and an operator has no tenant.</summary>
    private static bool IsOperator(ClaimsPrincipal user) =>
        user.Holds(Permissions.PlatformOperate) && user.FindFirst(PlatformClaims.TenantId) is null;

    private static void Configure(JwtBearerOptions jwt, SigningKeys keys, AuthOptions auth, Func<HttpRequest, bool> isExternal)
    {
        jwt.MapInboundClaims = false;
        jwt.ForwardDefaultSelector = context => ApiKeyHandler.IsPresented(context.Request) ? ApiKeyHandler.SchemeName
            : isExternal(context.Request) ? ExternalTokens.SchemeName : null;
        jwt.ConfigurationManager = keys;
        jwt.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = auth.Issuer,
            ValidAudience = auth.Audience,
            // No other algorithm, so no token can choose a weaker one.
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidTypes = [JwtConstants.HeaderType],
            ClockSkew = AuthOptions.ClockSkew,
            NameClaimType = JwtRegisteredClaimNames.Name,
            RoleClaimType = PlatformClaims.Role,
        };
        jwt.Events = new JwtBearerEvents
        {
            OnTokenValidated = context =>
            {
                var principal = PlatformPrincipal.From(context.Principal!);
                if (principal.UserId is null)
                    context.Fail("The token has no valid subject.");
                context.Principal = principal;
                return Task.CompletedTask;
            },
            OnChallenge = ChallengeAsync,
        };
    }

    /// <summary>Answers who couldn't be let in, whichever of the bearer schemes refused.</summary>
    internal static async Task ChallengeAsync(JwtBearerChallengeContext context)
    {
        context.HandleResponse();
        if (context.AuthenticateFailure is AccessRefusedException or AuthorityUnavailableException)
        {
            var message = context.AuthenticateFailure.Message;
            var problem = context.AuthenticateFailure is AccessRefusedException ? Problems.Forbidden(message) : Problems.Unavailable(message);
            await problem.ExecuteAsync(context.HttpContext);
            return;
        }
        if (StandingCheck.RefusalOf(context.HttpContext) == Refusal.Suspended)
        {
            await Problems.Forbidden(Account.SuspendedDetail).ExecuteAsync(context.HttpContext);
            return;
        }
        var (header, detail) = context.AuthenticateFailure switch
        {
            null when StandingCheck.RefusalOf(context.HttpContext) == Refusal.Gone =>
                ("Bearer error=\"invalid_token\"", "The session has ended. Sign in again."),
            null => ("Bearer", "This call needs an access token: Authorization: Bearer …"),
            SecurityTokenExpiredException =>
                ("Bearer error=\"invalid_token\", error_description=\"expired\"", "The access token has expired."),
            _ => ("Bearer error=\"invalid_token\"", "The access token isn't valid."),
        };
        context.Response.Headers.WWWAuthenticate = header;
        await Problems.Unauthorized(detail).ExecuteAsync(context.HttpContext);
    }
}
