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
    /// Enqueues one job by itself, in one round trip for a job with neither lane nor unique key: it is durable when the call
    /// returns. A call that fails may have enqueued it all the same: who calls again gives a <see cref="JobOptions.UniqueKey"/>.
    /// </summary>
    /// <param name="dataSource">Of the services' role, as the caller's own data.</param>
    /// <returns>As above.</returns>
    /// <exception cref="JobException">As above.</exception>
    Task<Guid> EnqueueAsync<TPayload>(
        NpgsqlDataSource dataSource,
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
    /// Enqueues many jobs of one type, and one job that runs once all of them have ended, however they did: exactly once, also
    /// when workers crash. Its handler reads the counts by <see cref="JobContext.GetBatchAsync"/>. A member that is retried by
    /// hand afterwards doesn't run it again.
    /// </summary>
    /// <param name="payloads">Of the members; none at all lets the completing job run at once.</param>
    /// <param name="completion">Payload of the completing job, which exists from the start and waits as <c>scheduled</c>.</param>
    /// <param name="completionOptions">Its options; it has no delay of its own.</param>
    /// <exception cref="JobException">As for many jobs; or the completing job's options name a lane, a unique key or a delay.</exception>
    Task<EnqueuedBatch> EnqueueBatchAsync<TPayload, TCompletion>(
        NpgsqlTransaction transaction,
        TenantId tenant,
        IReadOnlyList<TPayload> payloads,
        TCompletion completion,
        JobOptions? options = null,
        JobOptions? completionOptions = null,
        CancellationToken cancellationToken = default)
        where TPayload : notnull
        where TCompletion : notnull;

    /// <summary>
    /// Asks for every unfinished member of a batch to be cancelled, with the caller's transaction. The completing job still runs
    /// when they have ended, and sees how many were cancelled.
    /// </summary>
    /// <returns>How many members were asked; 0 also when the tenant has no such batch.</returns>
    Task<int> CancelBatchAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid batchId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Asks for an unfinished job to be cancelled, with the caller's transaction. A waiting job ends as
    /// <c>cancelled</c>; a running one has its token cancelled, in whatever process it runs.
    /// </summary>
    /// <returns>False when the tenant has no such unfinished job.</returns>
    Task<bool> CancelAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid id, CancellationToken cancellationToken = default);
}
