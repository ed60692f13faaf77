using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Platform.Tenancy;

namespace Platform.Api.Features.Auth;

internal static class CurrentUser
{
    /// <summary>The verified token's <c>sub</c>.</summary>
    /// <exception cref="PersonRequiredException">The caller is a machine with an API key; the answer is a 403 that says so.</exception>
    public static Guid UserId(this ClaimsPrincipal user) => user.FindUserId() ?? throw new PersonRequiredException();

    /// <summary>The user's id; null for a machine with an API key.</summary>
    public static Guid? FindUserId(this ClaimsPrincipal user) => user is PlatformPrincipal known
        ? known.UserId
        : Guid.TryParse(user.FindFirstValue(JwtRegisteredClaimNames.Sub), out var id) ? id : null;

    /// <summary>The session of the access token; null for machines and for tokens of an external authority.</summary>
    public static Guid? SessionId(this ClaimsPrincipal user) => PlatformPrincipal.From(user).SessionId;

    /// <summary>The key a machine came with; null for people.</summary>
    public static Guid? ApiKeyId(this ClaimsPrincipal user) => PlatformPrincipal.From(user).ApiKeyId;

    public static bool Holds(this ClaimsPrincipal user, string permission) => user.HasClaim(PlatformClaims.Permission, permission);

    /// <summary>When the verified token expires.</summary>
    public static DateTimeOffset TokenExpiresAt(this ClaimsPrincipal user) => DateTimeOffset.FromUnixTimeSeconds(
        long.Parse(user.FindFirstValue(JwtRegisteredClaimNames.Exp)!, System.Globalization.CultureInfo.InvariantCulture));
}
