using Npgsql;
using Platform.Tenancy;

namespace Platform.Jobs.Internal;

/// <summary>Batches: members that are counted, and the job that waits for the last of them.</summary>
internal sealed partial class JobQueue
{
    /// <summary>Longer than anything waits; the completing job is let go by the count, not by the clock.</summary>
    internal static readonly TimeSpan Forever = TimeSpan.FromDays(365 * 5000);

    public async Task<EnqueuedBatch> EnqueueBatchAsync<TPayload, TCompletion>(
        NpgsqlTransaction transaction,
        TenantId tenant,
        IReadOnlyList<TPayload> payloads,
        TCompletion completion,
        JobOptions? options = null,
        JobOptions? completionOptions = null,
        CancellationToken cancellationToken = default)
        where TPayload : notnull
        where TCompletion : notnull
    {
        var (member, last) = (JobDefinition<TPayload>.Value, JobDefinition<TCompletion>.Value);
        options ??= JobOptions.Default;
        completionOptions ??= JobOptions.Default;
        Check(member, options);
        Check(last, completionOptions);
        if (options is not { Lane: null, UniqueKey: null } || completionOptions is not { Lane: null, UniqueKey: null })
            throw new JobException("Jobs of a batch have no lane and no unique key.");
        if (completionOptions.Delay > TimeSpan.Zero)
            throw new JobException("The job that completes a batch runs when the members have ended; it has no delay.");

        var (batchId, completionId) = (Guid.CreateVersion7(time.GetUtcNow()), Guid.CreateVersion7(time.GetUtcNow()));
        if (payloads.Count > 0)
            completionOptions = completionOptions with { Delay = Forever };
        await using (var batch = new NpgsqlBatch(transaction.Connection, transaction))
        {
            using var activity = StartActivity(last, completionOptions, tenant, completionId);
            batch.BatchCommands.Add(Command(
                JobSql.Enqueue, new NpgsqlParameter<Guid> { TypedValue = completionId }, Json(JobJson.Payload(completion)), tenant, last, completionOptions));
            var open = new NpgsqlBatchCommand(JobSql.OpenBatch);
            open.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
            open.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = batchId });
            open.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = completionId });
            open.Parameters.Add(new NpgsqlParameter<int> { TypedValue = payloads.Count });
            batch.BatchCommands.Add(open);
            if (Hint(last, completionOptions) is { } hint)
                batch.BatchCommands.Add(hint);
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        var members = payloads.Count == 0
            ? []
            : await EnqueueSlicesAsync(transaction, tenant, payloads, member, options, batchId, cancellationToken);
        return new EnqueuedBatch(batchId, members, completionId);
    }

    public Task<int> CancelBatchAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid batchId, CancellationToken cancellationToken = default) =>
        CancelAsync(transaction, JobSql.CancelBatch, tenant, batchId, cancellationToken);
}
