using Npgsql;
using Platform.Tenancy;

namespace Platform.Jobs;

/// <summary>Puts jobs into the durable queue.</summary>
public interface IJobQueue
{
    /// <summary>
    /// Enqueues one job on the caller's connection and inside its transaction: the job exists if, and only if, the
    /// caller's data does.
    /// </summary>
    /// <returns>The job's id (UUIDv7); the id of the existing job when <see cref="JobOptions.UniqueKey"/> matches one.</returns>
    Task<Guid> EnqueueAsync<TPayload>(
        NpgsqlTransaction transaction,
        TenantId tenant,
        TPayload payload,
        JobOptions? options = null,
        CancellationToken cancellationToken = default)
        where TPayload : notnull;
}
