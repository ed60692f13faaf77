using Npgsql;

namespace Platform.Jobs.Internal;

/// <summary>Jobs with a lane or a unique key.</summary>
internal sealed partial class JobQueue
{
    private const string Savepoint = "platform_jobs_unique";

    private async Task<Guid> EnqueueKeyedAsync(NpgsqlTransaction transaction, NewJob job, CancellationToken cancellationToken)
    {
        if (job.Options.UniqueStates.Count == 0)
            return (await TryAsync(transaction, job, cancellationToken)).Id;

        // Whether an ended job has the key can only be seen once nobody else can take it any more: by then the new job is there.
        await transaction.SaveAsync(Savepoint, cancellationToken);
        var (id, holder) = await TryAsync(transaction, job, cancellationToken);
        if (holder is null)
            await transaction.ReleaseAsync(Savepoint, cancellationToken);
        else
            await transaction.RollbackAsync(Savepoint, cancellationToken);
        return holder ?? id;
    }

    /// <returns>The new job, or the unfinished one that has its key; and the ended one that has it, if the options ask for one.</returns>
    private async Task<(Guid Id, Guid? Holder)> TryAsync(NpgsqlTransaction transaction, NewJob job, CancellationToken cancellationToken)
    {
        var options = job.Options;
        var key = options.UniqueKey is null ? null : $"{job.Definition.Type}:{options.UniqueKey}";

        // The key's holder can finish between the insert that met it and the look at it: then the key is free, try again.
        for (var attempt = 0; attempt < 10; attempt++)
        {
            await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
            if (options.Lane is not null)
            {
                var locked = new NpgsqlBatchCommand(JobSql.LockLane);
                locked.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = job.Tenant.Value });
                locked.Parameters.Add(new NpgsqlParameter<string> { TypedValue = options.Lane });
                batch.BatchCommands.Add(locked);
            }

            var command = Command(JobSql.EnqueueKeyed, job);
            command.Parameters.Add(Text(options.Lane));
            command.Parameters.Add(Text(key));
            batch.BatchCommands.Add(command);
            if (options.UniqueStates.Count > 0)
                batch.BatchCommands.Add(Holder(job, key!));
            if (Hint(job.Definition, options) is { } hint)
                batch.BatchCommands.Add(hint);

            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            if (options.Lane is not null)
                await reader.NextResultAsync(cancellationToken);
            if (!await reader.ReadAsync(cancellationToken))
                continue;
            var id = reader.GetGuid(0);
            var ended = options.UniqueStates.Count > 0 && id == job.Id
                && await reader.NextResultAsync(cancellationToken) && await reader.ReadAsync(cancellationToken);
            return (id, ended ? reader.GetGuid(0) : null);
        }

        throw new JobException($"The holder of the unique key '{options.UniqueKey}' could not be read; the transaction's isolation hides it.");
    }

    private static NpgsqlBatchCommand Holder(NewJob job, string key)
    {
        var command = new NpgsqlBatchCommand(JobSql.UniqueHolder);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = job.Tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. job.Options.UniqueStates] });
        return command;
    }
}
