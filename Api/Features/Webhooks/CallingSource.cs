using Platform.Tenancy;

namespace Platform.Api.Features.Webhooks;

/// <summary>A source as calls are checked against it.</summary>
/// <param name="Keys">What its calls may be signed with; two while a secret is rotated.</param>
/// <param name="VerifyToken">What proves that a subscription is the tenant's own; null when its provider has none.</param>
internal sealed record CallingSource(TenantId Tenant, Guid Id, byte[][] Keys, string? VerifyToken);
