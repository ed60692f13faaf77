using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Platform.Tenancy;

namespace Platform.Web.Sessions;

/// <summary>
/// Who uses this circuit (or this prerendering request). Read from its own authentication state, never from an ambient
/// request: a circuit outlives the request that began it.
/// </summary>
internal sealed class CurrentUser(AuthenticationStateProvider authentication)
{
    private ClaimsPrincipal? _principal;

    /// <summary>Null until <see cref="GetSessionAsync"/> or <see cref="LoadAsync"/> was awaited, or when nobody is signed in.</summary>
    public TenantId? Tenant => _principal is not null && SessionKey.Of(_principal) is { } key ? key.Tenant : null;

    public string Name => Claim(ClaimTypes.Name) ?? "";

    public string Email => Claim(ClaimTypes.Email) ?? "";

    /// <summary>The tenant's slug.</summary>
    public string Workspace => Claim(PlatformClaims.Tenant) ?? "";

    public string Plan => Claim(PlatformClaims.Plan) ?? "";

    public bool Can(string permission) => _principal?.HasClaim(PlatformClaims.Permission, permission) == true;

    public async Task LoadAsync() => _principal ??= (await authentication.GetAuthenticationStateAsync()).User;

    public async Task<SessionKey?> GetSessionAsync()
    {
        await LoadAsync();
        return SessionKey.Of(_principal!);
    }

    private string? Claim(string type) => _principal?.FindFirstValue(type);
}
