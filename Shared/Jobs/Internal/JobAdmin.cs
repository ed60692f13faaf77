using Npgsql;
using NpgsqlTypes;
using Platform.Tenancy;

namespace Platform.Jobs.Internal;

internal sealed class JobAdmin : IJobAdmin
{
    public Task<IReadOnlyList<Guid>> RetryAsync(
        NpgsqlTransaction transaction, TenantId tenant, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken = default) =>
        ChangeAsync(transaction, JobSql.Retry, tenant, [.. ids], cancellationToken);

    public Task<IReadOnlyList<Guid>> DiscardAsync(
        NpgsqlTransaction transaction, TenantId tenant, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken = default) =>
        ChangeAsync(transaction, JobSql.Discard, tenant, [.. ids], cancellationToken);

    public async Task<IReadOnlyList<Guid>> RedriveAsync(
        NpgsqlTransaction transaction, TenantId tenant, string? queue, string? type, int limit, CancellationToken cancellationToken = default)
    {
        var dead = new List<Guid>();
        await using (var command = new NpgsqlCommand(JobSql.DeadJobs, transaction.Connection, transaction))
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
            foreach (var text in (ReadOnlySpan<string?>)[queue, type])
                command.Parameters.Add(new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Math.Clamp(limit, 1, 1000) });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                dead.Add(reader.GetGuid(0));
        }

        return await RetryAsync(transaction, tenant, dead, cancellationToken);
    }

    public Task PauseAsync(NpgsqlTransaction transaction, string queue, CancellationToken cancellationToken = default) =>
        PauseAsync(transaction, queue, paused: true, cancellationToken);

    public Task ResumeAsync(NpgsqlTransaction transaction, string queue, CancellationToken cancellationToken = default) =>
        PauseAsync(transaction, queue, paused: false, cancellationToken);

    public async Task<bool> EditAndRetryAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid id, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        await using (var command = new NpgsqlCommand(JobSql.Edit, transaction.Connection, transaction))
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
            command.Parameters.Add(new() { Value = JobJson.Checked(payload), NpgsqlDbType = NpgsqlDbType.Json });
            if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
                return false;
        }

        return (await RetryAsync(transaction, tenant, [id], cancellationToken)).Count == 1;
    }

    public Task PauseTenantAsync(
        NpgsqlTransaction transaction, TenantId tenant, string? queue, CancellationToken cancellationToken = default) =>
        ExecuteAsync(transaction, JobSql.PauseTenant, queue ?? "", cancellationToken, Tenant(tenant), Text(queue ?? ""));

    public Task ResumeTenantAsync(
        NpgsqlTransaction transaction, TenantId tenant, string? queue, CancellationToken cancellationToken = default) =>
        ExecuteAsync(transaction, JobSql.ResumeTenant, queue ?? "", cancellationToken, Tenant(tenant), Text(queue ?? ""));

    public async Task SetWeightAsync(
        NpgsqlTransaction transaction, TenantId tenant, int weight, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(weight, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(weight, 100);
        await using var command = new NpgsqlCommand("SELECT jobs.set_weight($1, $2)", transaction.Connection, transaction);
        command.Parameters.Add(Tenant(tenant));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = weight });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public Task SetRateLimitAsync(
        NpgsqlTransaction transaction, string queue, TenantId? tenant, RateLimit limit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(limit);
        return LimitAsync(transaction, queue, tenant, limit, cancellationToken);
    }

    public Task LiftRateLimitAsync(
        NpgsqlTransaction transaction, string queue, TenantId? tenant, CancellationToken cancellationToken = default) =>
        LimitAsync(transaction, queue, tenant, null, cancellationToken);

    private static async Task LimitAsync(
        NpgsqlTransaction transaction, string queue, TenantId? tenant, RateLimit? limit, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT jobs.set_limit($1, $2, $3, $4)", transaction.Connection, transaction);
        command.Parameters.Add(Text(queue));
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant?.Value ?? Guid.Empty });
        JobOperators.AddLimit(command.Parameters, limit);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<IReadOnlyList<Guid>> ChangeAsync(
        NpgsqlTransaction transaction, string sql, TenantId tenant, Guid[] ids, CancellationToken cancellationToken)
    {
        if (ids.Length == 0)
            return [];

        // The lanes' locks come first, in a statement of their own: the next one then sees the lanes as they are.
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        foreach (var text in (ReadOnlySpan<string>)[JobSql.LockLaneOf, sql])
        {
            var command = new NpgsqlBatchCommand(text);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
            command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
            batch.BatchCommands.Add(command);
        }

        // Workers look at lanes that stand still, and for jobs.
        batch.BatchCommands.Add(JobQueue.Notify(JobQueue.CancelChannel, ""));
        batch.BatchCommands.Add(JobQueue.Notify(EnqueueHints.Channel, ""));

        var changed = new List<Guid>();
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            changed.Add(reader.GetGuid(0));
        return changed;
    }

    private static Task PauseAsync(NpgsqlTransaction transaction, string queue, bool paused, CancellationToken cancellationToken) =>
        ExecuteAsync(transaction, JobSql.Pause, queue, cancellationToken, Text(queue), new NpgsqlParameter<bool> { TypedValue = paused });

    /// <summary>Runs the statement and tells the workers of the queue to look again.</summary>
    private static async Task ExecuteAsync(
        NpgsqlTransaction transaction, string sql, string queue, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        batch.BatchCommands.Add(command);
        batch.BatchCommands.Add(JobQueue.Notify(EnqueueHints.Channel, queue));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter<Guid> Tenant(TenantId tenant) => new() { TypedValue = tenant.Value };

    private static NpgsqlParameter<string> Text(string text) => new() { TypedValue = text };
}
