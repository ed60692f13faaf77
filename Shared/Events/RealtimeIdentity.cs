using Platform.Tenancy;

namespace Platform.Events;

/// <summary>Who a realtime ticket was given to.</summary>
/// <param name="Tenant">The user's tenant.</param>
/// <param name="UserId">The token's <c>sub</c>.</param>
/// <param name="Permissions">The token's permissions.</param>
/// <param name="TokenExpiresAt">When the token the ticket was bought with expires: the connection ends then too.</param>
/// <param name="SessionId">The token's <c>sid</c>; null when it has none.</param>
/// <param name="IssuedAt">When the ticket was given; set by <see cref="RealtimeTickets"/>.</param>
public sealed record RealtimeIdentity(
    TenantId Tenant, Guid UserId, IReadOnlyList<string> Permissions, DateTimeOffset TokenExpiresAt, Guid? SessionId = null,
    DateTimeOffset? IssuedAt = null);
