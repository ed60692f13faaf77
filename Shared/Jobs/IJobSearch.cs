using Npgsql;
using Platform.Tenancy;

namespace Platform.Jobs;

/// <summary>What a tenant's own people see of its jobs. Each call is one round trip on a connection of its own.</summary>
public interface IJobSearch
{
    /// <summary>Looks for jobs of the tenant.</summary>
    Task<JobSearchResult> SearchAsync(
        NpgsqlDataSource dataSource, TenantId tenant, JobQuery query, CancellationToken cancellationToken = default);

    /// <summary>One job with its attempts.</summary>
    /// <returns>Null when the tenant has no such job.</returns>
    Task<JobDetail?> GetDetailAsync(NpgsqlDataSource dataSource, TenantId tenant, Guid id, CancellationToken cancellationToken = default);

    /// <summary>How the queues stand for the tenant.</summary>
    /// <param name="queues">Their names.</param>
    Task<IReadOnlyList<QueueFigures>> GetQueuesAsync(
        NpgsqlDataSource dataSource, TenantId tenant, IReadOnlyList<string> queues, CancellationToken cancellationToken = default);

    /// <returns>Null when the tenant has no such batch.</returns>
    Task<JobBatch?> GetBatchAsync(NpgsqlDataSource dataSource, TenantId tenant, Guid id, CancellationToken cancellationToken = default);
}
