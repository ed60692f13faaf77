using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Platform.Api.Features.Auth;

internal sealed record LoginRequest(
    string? Email,
    string? Password,
    [property: Description("The tenant's slug, for users of several tenants; the first one joined if absent.")] string? Tenant = null);

internal sealed record RefreshRequest(string? RefreshToken);

internal sealed record LogoutRequest(
    string? RefreshToken, [property: Description("Whether all sessions of the user end, on every device.")] bool Everywhere = false);

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

/// <summary>What services need to verify access tokens by themselves (OpenID Connect Discovery).</summary>
internal sealed record DiscoveryResponse(
    string Issuer,
    [property: JsonPropertyName("jwks_uri")] string JwksUri,
    [property: JsonPropertyName("authorization_endpoint")] string AuthorizationEndpoint,
    [property: JsonPropertyName("response_types_supported")] string[] ResponseTypes,
    [property: JsonPropertyName("subject_types_supported")] string[] SubjectTypes,
    [property: JsonPropertyName("id_token_signing_alg_values_supported")] string[] SigningAlgorithms);
