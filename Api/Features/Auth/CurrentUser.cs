using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Platform.Api.Features.Auth;

internal static class CurrentUser
{
    /// <summary>The verified token's <c>sub</c>.</summary>
    public static Guid UserId(this ClaimsPrincipal user) => Guid.Parse(user.FindFirstValue(JwtRegisteredClaimNames.Sub)!);

    /// <summary>When the verified token expires.</summary>
    public static DateTimeOffset TokenExpiresAt(this ClaimsPrincipal user) => DateTimeOffset.FromUnixTimeSeconds(
        long.Parse(user.FindFirstValue(JwtRegisteredClaimNames.Exp)!, System.Globalization.CultureInfo.InvariantCulture));
}
