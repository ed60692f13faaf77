namespace Platform.Jobs;

/// <summary>A rate limit as it stands.</summary>
/// <param name="Tenant">Whose; null for all tenants together.</param>
/// <param name="Permits">Jobs that may start within <paramref name="PerSeconds"/>.</param>
/// <param name="Free">Jobs that may start now; null in a tenant's view of what all share.</param>
public sealed record QueueLimit(Guid? Tenant, int Permits, double PerSeconds, int? Free);
