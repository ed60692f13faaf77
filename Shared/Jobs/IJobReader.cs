using Npgsql;
using Platform.Tenancy;

namespace Platform.Jobs;

/// <summary>Reads how jobs stand, as their tenant may see them.</summary>
public interface IJobReader
{
    /// <summary>
    /// One job's status. Sets <c>app.tenant_id</c> for this one statement (or for the rest of the connection's open
    /// transaction), in the same round trip.
    /// </summary>
    /// <returns>Null when the tenant has no such job, be it unknown, another tenant's, or past its retention.</returns>
    Task<JobStatus?> GetStatusAsync(
        NpgsqlConnection connection, TenantId tenant, Guid id, CancellationToken cancellationToken = default);

    /// <summary>The same, on a connection taken for the one statement.</summary>
    Task<JobStatus?> GetStatusAsync(
        NpgsqlDataSource dataSource, TenantId tenant, Guid id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Waits until the job is finished, or has changed from <paramref name="known"/> when that is given, at most
    /// <paramref name="wait"/>. Looks every 50 ms at first and each second at last, and holds no connection in between.
    /// </summary>
    /// <returns>The latest status; null when the tenant has no such job.</returns>
    Task<JobStatus?> WaitAsync(
        NpgsqlDataSource dataSource,
        TenantId tenant,
        Guid id,
        TimeSpan wait,
        JobStatus? known = null,
        CancellationToken cancellationToken = default);
}
