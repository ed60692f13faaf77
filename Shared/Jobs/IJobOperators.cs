using Npgsql;
using Platform.Tenancy;

namespace Platform.Jobs;

/// <summary>
/// What operators do across tenants: database functions that check who calls and note it first (Migrations/0005_admin.sql). Who is one,
/// the host says by replacing three routines (0014_hosts_operators.sql); without a host nobody is.
/// Whatever is done with a tenant's jobs afterwards is done as that tenant.
/// </summary>
public interface IJobOperators
{
    /// <summary>Whose job it is, before <paramref name="action"/> is done with it.</summary>
    /// <returns>Null when there is no such job.</returns>
    Task<TenantId?> FindAsync(
        NpgsqlDataSource dataSource, Guid operatorId, Guid job, string action, CancellationToken cancellationToken = default);

    /// <summary>Whose batch it is.</summary>
    /// <returns>Null when there is no such batch.</returns>
    Task<TenantId?> FindBatchAsync(
        NpgsqlDataSource dataSource, Guid operatorId, Guid batch, string action, CancellationToken cancellationToken = default);

    /// <summary>Notes what is done with a tenant's jobs.</summary>
    /// <returns>False when there is no such tenant.</returns>
    Task<bool> EnterAsync(
        NpgsqlDataSource dataSource, Guid operatorId, TenantId tenant, string action, CancellationToken cancellationToken = default);

    /// <summary>Looks for jobs of all tenants.</summary>
    Task<JobSearchResult> SearchAsync(
        NpgsqlDataSource dataSource, Guid operatorId, JobQuery query, CancellationToken cancellationToken = default);

    /// <summary>How the queues stand for all tenants together.</summary>
    Task<IReadOnlyList<QueueFigures>> GetQueuesAsync(
        NpgsqlDataSource dataSource, Guid operatorId, IReadOnlyList<string> queues, CancellationToken cancellationToken = default);

    /// <summary>The workers, lost ones until their jobs are rescued included; at most 200, the newest.</summary>
    Task<IReadOnlyList<WorkerFigures>> GetWorkersAsync(
        NpgsqlDataSource dataSource, Guid operatorId, CancellationToken cancellationToken = default);

    /// <summary>Pauses or resumes a queue for all tenants; running jobs go on.</summary>
    Task PauseAsync(
        NpgsqlDataSource dataSource, Guid operatorId, string queue, bool paused, CancellationToken cancellationToken = default);

    /// <summary>Sets a queue's rate limit, for one tenant or (null) for all together; without a limit, lifts it.</summary>
    /// <returns>False when there is no such tenant.</returns>
    Task<bool> SetLimitAsync(
        NpgsqlDataSource dataSource, Guid operatorId, string queue, TenantId? tenant, RateLimit? limit, CancellationToken cancellationToken = default);

    /// <summary>Only notes it: for a tenant whose queue is in another database, where the caller carries it out.</summary>
    /// <returns>False when there is no such tenant.</returns>
    Task<bool> NoteLimitAsync(
        NpgsqlDataSource dataSource, Guid operatorId, string queue, TenantId tenant, RateLimit? limit, CancellationToken cancellationToken = default);
}
