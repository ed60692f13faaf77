using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Platform.Api.Features.RateLimits;
using Platform.Api.Http;
using Platform.Data.Contacts;
using Platform.Data.Security;
using Platform.Tenancy;

namespace Platform.Api.Features.Auth;

internal static class AuthEndpoints
{
    private const int MaxEmailLength = ContactRules.MaxEmailLength, MaxTokenLength = 200;

    public static void MapAuth(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/auth").WithTags("Auth");
        group.AddEndpointFilter(ForbidStoringAsync);

        group.MapPost("/login", LoginAsync).AllowAnonymous().WithRateLimit(policy: RateLimitPolicies.SignIn)
            .WithSummary("Sign in").WithDescription("The access token is good for 15 minutes; renew it with the refresh token.")
            .Produces<TokenResponse>()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(422).ProducesProblem(429);
        group.MapPost("/refresh", RefreshAsync).AllowAnonymous()
            .WithSummary("Renew a session")
            .WithDescription("Each refresh token works once. Using one again ends its whole session: one of its two users stole it.")
            .Produces<TokenResponse>()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(422);
        group.MapPost("/logout", LogoutAsync).AllowAnonymous()
            .WithSummary("End a session")
            .WithDescription("Its access token ends with it. `everywhere` ends all sessions of the user.")
            .Produces(204)
            .ProducesProblem(400).ProducesProblem(422);
        group.MapGet("/me", MeAsync)
            .WithSummary("Who is signed in")
            .Produces<MeResponse>()
            .ProducesProblem(401);

        group.MapPasswords();

        endpoints.MapGet("/.well-known/jwks.json", KeySetAsync).AllowAnonymous().WithoutRateLimit().ExcludeFromDescription();
        endpoints.MapGet("/.well-known/openid-configuration", Discovery).AllowAnonymous().WithoutRateLimit().ExcludeFromDescription();
    }

    private static async Task<IResult> LoginAsync([FromBody] LoginRequest request, Sessions sessions, CancellationToken cancellationToken)
    {
        var errors = new List<FieldError>();
        if (string.IsNullOrWhiteSpace(request.Email) || request.Email.Length > MaxEmailLength || request.Email.Any(char.IsControl))
            errors.Add(new("email", "Give your e-mail address."));
        if (string.IsNullOrEmpty(request.Password) || request.Password.Length > Passwords.MaxLength)
            errors.Add(new("password", "Give your password."));
        if (request.Tenant is { } slug && (slug.Length > 63 || slug.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-')))
            errors.Add(new("tenant", "A tenant's slug has letters, digits and hyphens only."));
        if (errors.Count > 0)
            return Problems.Invalid(errors);
        var (tokens, problem) = await sessions.LoginAsync(request.Email!.Trim(), request.Password!, request.Tenant, cancellationToken);
        return (IResult?)problem ?? TypedResults.Ok(tokens);
    }

    private static async Task<IResult> RefreshAsync(
        [FromBody] RefreshRequest request, Sessions sessions, CancellationToken cancellationToken)
    {
        if (request.RefreshToken is not { Length: > 0 and <= MaxTokenLength } token)
            return Problems.Invalid("refreshToken", "Give the refresh token.");
        var (tokens, problem) = await sessions.RefreshAsync(token, cancellationToken);
        return (IResult?)problem ?? TypedResults.Ok(tokens);
    }

    private static async Task<IResult> LogoutAsync(
        [FromBody] LogoutRequest request, Sessions sessions, CancellationToken cancellationToken)
    {
        if (request.RefreshToken is not { Length: > 0 and <= MaxTokenLength } token)
            return Problems.Invalid("refreshToken", "Give the refresh token.");
        await sessions.LogoutAsync(token, request.Everywhere, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> MeAsync(
        HttpContext context, TenantContext tenant, AccountStore accounts, CancellationToken cancellationToken)
    {
        var account = await accounts.LoadAsync(
            context.User.UserId(), tenant.IsSet ? tenant.Current.Value : null, slug: null, cancellationToken);
        if (account is null or { Refusal: not null })
            return Problems.Unauthorized("The session has ended. Sign in again.");
        return TypedResults.Ok(new MeResponse(
            account.UserId, account.TenantId, account.Tenant, account.Plan, account.Email, account.Name,
            account.EffectiveRoles, account.EffectivePermissions));
    }

    private static async Task<IResult> KeySetAsync(SigningKeys keys, HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "public, max-age=300";
        var all = await keys.GetAllAsync(cancellationToken);
        return TypedResults.Ok(new { keys = all.Select(key => key.PublicJwk()) });
    }

    private static Ok<DiscoveryResponse> Discovery(HttpContext context, IOptions<AuthOptions> options)
    {
        context.Response.Headers.CacheControl = "public, max-age=300";
        var host = $"{context.Request.Scheme}://{context.Request.Host}";
        return TypedResults.Ok(new DiscoveryResponse(
            options.Value.Issuer, $"{host}/.well-known/jwks.json", $"{host}/api/auth/login", ["token"], ["public"], ["ES256"]));
    }

    /// <summary>Nobody may keep an answer with tokens.</summary>
    private static ValueTask<object?> ForbidStoringAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        context.HttpContext.Response.Headers.CacheControl = "no-store";
        return next(context);
    }
}
