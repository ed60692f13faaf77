using Platform.Tenancy;

namespace Platform.Events;

/// <summary>Publishes events to everybody of one tenant who listens, through Redis.</summary>
public interface ITenantEvents
{
    /// <summary>
    /// Gives the event the tenant's next number, keeps it in the tenant's short replay window and publishes it: one
    /// round trip. Call it after the commit of what the event tells.
    /// </summary>
    /// <returns>The event's number, or 0 when Redis is away: an event is a hint, losing one must not fail its cause.</returns>
    ValueTask<long> PublishAsync(TenantId tenant, TenantEvent tenantEvent, CancellationToken cancellationToken = default);
}
