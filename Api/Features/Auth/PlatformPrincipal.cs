using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Platform.Api.Http;
using Platform.Tenancy;

namespace Platform.Api.Features.Auth;

/// <summary>
/// A verified caller, with what every request asks of it read from the claims once. May be shared by requests that come
/// with the same token or key: nothing may add claims to it.
/// </summary>
internal sealed class PlatformPrincipal : ClaimsPrincipal
{
    private readonly ClaimsIdentity _identity;
    private Effective? _effective;

    public PlatformPrincipal(ClaimsIdentity identity)
        : base(identity)
    {
        _identity = identity;
        Tenant = TenantId.TryParse(identity.FindFirst(PlatformClaims.TenantId)?.Value, out var tenant) ? tenant : null;
        UserId = Id(JwtRegisteredClaimNames.Sub);
        SessionId = Id(JwtRegisteredClaimNames.Sid);
        ApiKeyId = Id(PlatformClaims.ApiKey);
    }

    /// <summary>Null for an operator.</summary>
    public TenantId? Tenant { get; }

    /// <summary>Null for a machine.</summary>
    public Guid? UserId { get; }

    /// <summary>The session the token belongs to; null for a machine and for tokens of an external authority.</summary>
    public Guid? SessionId { get; }

    /// <summary>The key a machine came with; null for people.</summary>
    public Guid? ApiKeyId { get; }

    /// <summary>What this caller got of late.</summary>
    public CallersAnswers Answers => field ??= new CallersAnswers();

    public static PlatformPrincipal From(ClaimsPrincipal principal) =>
        principal as PlatformPrincipal ?? new PlatformPrincipal((ClaimsIdentity)principal.Identity!);

    /// <summary>The caller with the roles, permissions and plan of this moment instead of those its token was made with.</summary>
    public PlatformPrincipal With(Standing standing)
    {
        if (_effective is { } known && ReferenceEquals(known.Standing, standing))
            return known.Principal;
        var principal = Says(standing) ? this : new PlatformPrincipal(Replace(standing));
        _effective = new Effective(standing, principal);
        return principal;
    }

    private bool Says(Standing standing) =>
        _identity.FindFirst(PlatformClaims.Plan)?.Value == standing.Plan
        && Same(PlatformClaims.Permission, standing.Permissions) && Same(PlatformClaims.Role, standing.Roles);

    private bool Same(string type, string[] values) =>
        _identity.FindAll(type).Select(claim => claim.Value).ToHashSet(StringComparer.Ordinal).SetEquals(values);

    private ClaimsIdentity Replace(Standing standing)
    {
        var kept = _identity.Claims.Where(claim => claim.Type is not (PlatformClaims.Plan or PlatformClaims.Permission or PlatformClaims.Role));
        var identity = new ClaimsIdentity(kept, _identity.AuthenticationType, _identity.NameClaimType, _identity.RoleClaimType);
        if (standing.Plan is { } plan)
            identity.AddClaim(new Claim(PlatformClaims.Plan, plan));
        identity.AddClaims(standing.Roles.Select(role => new Claim(PlatformClaims.Role, role)));
        identity.AddClaims(standing.Permissions.Select(permission => new Claim(PlatformClaims.Permission, permission)));
        return identity;
    }

    private Guid? Id(string type) => Guid.TryParse(_identity.FindFirst(type)?.Value, out var id) ? id : null;

    private sealed record Effective(Standing Standing, PlatformPrincipal Principal);
}
