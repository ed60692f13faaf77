using Platform.Tenancy;

namespace Platform.Api.Features.Auth;

/// <summary>
/// Tells everybody who holds copies that what users may do has changed. Call it after the commit
/// (<c>TenantTransaction.AfterCommit</c>); the next request on any replica then sees the change. It doesn't throw: with
/// Redis away, other replicas see it within a minute.
/// </summary>
internal interface IPermissionChanges
{
    /// <summary>Roles or membership of these users changed.</summary>
    Task ChangedAsync(TenantId tenant, params ReadOnlySpan<Guid> userIds);

    /// <summary>Something changed for everybody in the tenant: a role's permissions, the plan.</summary>
    Task AllChangedAsync(TenantId tenant);

    /// <summary>A session of the user ended, or all of them; their live connections are closed, too.</summary>
    /// <param name="tenant">Null for an operator.</param>
    /// <param name="userId">Whose sessions.</param>
    /// <param name="sessionId">Null for all.</param>
    Task SessionEndedAsync(TenantId? tenant, Guid userId, Guid? sessionId = null);

    /// <summary>These sessions ended.</summary>
    Task SessionsEndedAsync(IReadOnlyList<EndedSession> ended);

    /// <summary>The tenant was suspended; all of its live connections are closed, too.</summary>
    Task SuspendedAsync(TenantId tenant);

    /// <summary>The suspension has ended: who was out is in again, also with a token from before.</summary>
    Task ResumedAsync(TenantId tenant);
}
