using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using Platform.Tenancy;

namespace Platform.Web.Sessions;

/// <summary>Names one signed-in session. The browser holds it only inside the protected cookie.</summary>
internal sealed record SessionKey(TenantId Tenant, string Id)
{
    /// <summary>Claim of the cookie's ticket that carries the session's id.</summary>
    public const string ClaimType = "session";

    public static SessionKey Create(TenantId tenant) => new(tenant, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24)));

    public static SessionKey? Of(ClaimsPrincipal principal) =>
        TenantId.TryParse(principal.FindFirstValue(PlatformClaims.TenantId), out var tenant)
        && principal.FindFirstValue(ClaimType) is { Length: > 0 } id
            ? new SessionKey(tenant, id)
            : null;

    /// <summary>Where the session's tokens lie in the shared cache.</summary>
    public string CacheKey => TenantKey.Create(Tenant, "session", Id);

    // The id opens the session for whoever can decrypt the cookie; it has no place in logs.
    public override string ToString() => $"session of {Tenant}";
}
