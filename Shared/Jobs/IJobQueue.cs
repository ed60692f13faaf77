using Npgsql;
using Platform.Tenancy;

namespace Platform.Jobs;

/// <summary>Puts jobs into the durable queue.</summary>
public interface IJobQueue
{
    /// <summary>
    /// Enqueues one job on the caller's connection and inside its transaction: the job exists if, and only if, the
    /// caller's data does. The transaction's <c>app.tenant_id</c> must be <paramref name="tenant"/>. A job with a lane
    /// makes later enqueuers of the same lane wait for the caller's transaction, so that lanes run in order of commit.
    /// </summary>
    /// <returns>The job's id (UUIDv7); the id of the existing job when <see cref="JobOptions.UniqueKey"/> matches one.</returns>
    /// <exception cref="JobException">The payload's type has no <see cref="JobAttribute"/>, or the payload is too large.</exception>
    Task<Guid> EnqueueAsync<TPayload>(
        NpgsqlTransaction transaction,
        TenantId tenant,
        TPayload payload,
        JobOptions? options = null,
        CancellationToken cancellationToken = default)
        where TPayload : notnull;

    /// <summary>
    /// Enqueues many jobs of one type in one round trip, with the same guarantees. No lanes and no unique keys.
    /// </summary>
    /// <returns>The ids, in the order of <paramref name="payloads"/>.</returns>
    /// <exception cref="JobException">As for one job; or the options name a lane or a unique key.</exception>
    Task<IReadOnlyList<Guid>> EnqueueManyAsync<TPayload>(
        NpgsqlTransaction transaction,
        TenantId tenant,
        IReadOnlyList<TPayload> payloads,
        JobOptions? options = null,
        CancellationToken cancellationToken = default)
        where TPayload : notnull;

    /// <summary>
    /// Asks for an unfinished job to be cancelled, with the caller's transaction. A waiting job ends as
    /// <c>cancelled</c>; a running one has its token cancelled, in whatever process it runs.
    /// </summary>
    /// <returns>False when the tenant has no such unfinished job.</returns>
    Task<bool> CancelAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid id, CancellationToken cancellationToken = default);
}
