using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Claims;
using Platform.Tenancy;

namespace Platform.Realtime.Connections;

/// <summary>Who holds a connection, taken once from its token or ticket.</summary>
/// <param name="SessionId">The token's <c>sid</c>; null for one of an external authority's.</param>
/// <param name="IssuedAt">When the token was made or the ticket given.</param>
internal sealed record RealtimeUser(
    TenantId Tenant, Guid UserId, FrozenSet<string> Permissions, Guid? SessionId = null, DateTimeOffset? IssuedAt = null)
{
    // The year 9999; a later one isn't a time.
    private const long LatestSecond = 253_402_300_799;

    /// <summary>False for an operator's token, which belongs to no tenant.</summary>
    public static bool TryRead(ClaimsPrincipal principal, [NotNullWhen(true)] out RealtimeUser? user)
    {
        user = TenantId.TryParse(principal.FindFirstValue(PlatformClaims.TenantId), out var tenant)
            && Guid.TryParse(principal.FindFirstValue("sub"), out var userId)
            ? new RealtimeUser(
                tenant, userId, principal.FindAll(PlatformClaims.Permission).Select(claim => claim.Value).ToFrozenSet(),
                Guid.TryParse(principal.FindFirstValue("sid"), out var sessionId) ? sessionId : null,
                long.TryParse(principal.FindFirstValue("iat"), CultureInfo.InvariantCulture, out var issued)
                    && issued is > 0 and < LatestSecond ? DateTimeOffset.FromUnixTimeSeconds(issued) : null)
            : null;
        return user is not null;
    }
}
