using System.ComponentModel;

namespace Platform.Api.Features.Auth;

internal sealed record LoginRequest(
    string? Email,
    string? Password,
    [property: Description("The tenant's slug, for users of several tenants; the first one joined if absent.")] string? Tenant = null);

internal sealed record RefreshRequest(string? RefreshToken);

/// <param name="ExpiresAt">When the access token expires; refresh before.</param>
internal sealed record TokenResponse(string AccessToken, string RefreshToken, DateTimeOffset ExpiresAt);

/// <param name="TenantId">Null for an operator, who belongs to no tenant.</param>
internal sealed record MeResponse(
    Guid UserId,
    Guid? TenantId,
    string? Tenant,
    string? Plan,
    string Email,
    string Name,
    IReadOnlyList<string> Roles,
    IReadOnlyList<string> Permissions);
