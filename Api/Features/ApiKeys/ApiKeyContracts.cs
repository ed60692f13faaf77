using System.ComponentModel;

namespace Platform.Api.Features.ApiKeys;

internal sealed record ApiKeyInput(
    string? Name,
    [property: Description("Permissions the key gives; none that its creator doesn't hold.")] IReadOnlyList<string>? Scopes,
    [property: Description("When it stops working; never if absent.")] DateTimeOffset? ExpiresAt = null);

/// <param name="Prefix">The key's first characters, to recognise it by.</param>
/// <param name="CreatedBy">The user; null when another key made it.</param>
/// <param name="LastUsedAt">To the minute.</param>
internal sealed record ApiKeyResponse(
    Guid Id, string Name, string Prefix, IReadOnlyList<string> Scopes, Guid? CreatedBy, DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt);

/// <param name="Key">Shown this once, null in the answer to a repeated request; only its hash is kept.</param>
internal sealed record CreatedApiKeyResponse(
    Guid Id, string Name, string Prefix, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, string? Key);
