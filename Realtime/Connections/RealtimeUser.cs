using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using Platform.Tenancy;

namespace Platform.Realtime.Connections;

/// <summary>Who holds a connection, taken once from its token or ticket.</summary>
/// <param name="SessionId">The token's <c>sid</c>; null with a ticket, which doesn't carry it.</param>
internal sealed record RealtimeUser(TenantId Tenant, Guid UserId, FrozenSet<string> Permissions, Guid? SessionId = null)
{
    /// <summary>False for an operator's token, which belongs to no tenant.</summary>
    public static bool TryRead(ClaimsPrincipal principal, [NotNullWhen(true)] out RealtimeUser? user)
    {
        user = TenantId.TryParse(principal.FindFirstValue(PlatformClaims.TenantId), out var tenant)
            && Guid.TryParse(principal.FindFirstValue("sub"), out var userId)
            ? new RealtimeUser(
                tenant, userId, principal.FindAll(PlatformClaims.Permission).Select(claim => claim.Value).ToFrozenSet(),
                Guid.TryParse(principal.FindFirstValue("sid"), out var sessionId) ? sessionId : null)
            : null;
        return user is not null;
    }
}
