using System.Security.Claims;
using Platform.Api.Features.Auth;
using Platform.Data;
using Platform.Tenancy;

namespace Platform.Api.Features.Jobs;

/// <summary>Lines in a tenant's audit log of what was done with its jobs.</summary>
internal static class JobAudit
{
    /// <summary>The deployment's own jobs have no tenant whose people could read of it; operators have their own audit.</summary>
    public static Task AddAsync(
        TenantTransaction transaction, ClaimsPrincipal user, string action, string? subject, object? detail, CancellationToken cancellationToken) =>
        transaction.Tenant == PlatformTenant.Id
            ? Task.CompletedTask
            : AuditLog.AddAsync(transaction, user, action, subject, detail, cancellationToken);

    /// <summary>For the detail: who did it, if not the tenant's own people.</summary>
    public static string? By(ClaimsPrincipal user) => JobScope.IsOperator(user) ? "operator" : null;
}
