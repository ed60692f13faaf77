using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;
using Platform.Tenancy;

namespace Platform.Jobs.Internal;

internal sealed partial class JobQueue(EnqueueHints hints, TimeProvider time) : IJobQueue
{
    private const int MaxKeyLength = 200, MaxRetentionDays = 3650;
    private const int Slice = 1000, SliceBytes = 4 * 1024 * 1024;

    public async Task<Guid> EnqueueAsync<TPayload>(
        NpgsqlTransaction transaction,
        TenantId tenant,
        TPayload payload,
        JobOptions? options = null,
        CancellationToken cancellationToken = default)
        where TPayload : notnull
    {
        var job = Prepare(tenant, payload, options);
        using var activity = StartActivity(job.Definition, job.Options, tenant, job.Id);
        return await EnqueueAsync(transaction, job, cancellationToken);
    }

    public async Task<Guid> EnqueueAsync<TPayload>(
        NpgsqlDataSource dataSource,
        TenantId tenant,
        TPayload payload,
        JobOptions? options = null,
        CancellationToken cancellationToken = default)
        where TPayload : notnull
    {
        var job = Prepare(tenant, payload, options);
        using var activity = StartActivity(job.Definition, job.Options, tenant, job.Id);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (job.IsFree)
        {
            await SendAsync(connection, null, Command(JobSql.EnqueueAlone, job), Hint(job.Definition, job.Options), cancellationToken);
            return job.Id;
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await SetTenantAsync(transaction, tenant, cancellationToken);
        var id = await EnqueueAsync(transaction, job, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return id;
    }

    public async Task<IReadOnlyList<Guid>> EnqueueManyAsync<TPayload>(
        NpgsqlTransaction transaction,
        TenantId tenant,
        IReadOnlyList<TPayload> payloads,
        JobOptions? options = null,
        CancellationToken cancellationToken = default)
        where TPayload : notnull
    {
        var definition = JobDefinition<TPayload>.Value;
        options ??= JobOptions.Default;
        Check(definition, options);
        if (options is not { Lane: null, UniqueKey: null })
            throw new JobException("Jobs with a lane or a unique key are enqueued one by one.");
        if (payloads.Count == 0)
            return [];

        return await EnqueueSlicesAsync(transaction, tenant, payloads, definition, options, null, cancellationToken);
    }

    private async Task<IReadOnlyList<Guid>> EnqueueSlicesAsync<TPayload>(
        NpgsqlTransaction transaction, TenantId tenant, IReadOnlyList<TPayload> payloads, JobAttribute definition, JobOptions options,
        Guid? batch, CancellationToken cancellationToken)
        where TPayload : notnull
    {
        using var activity = StartActivity(definition, options, tenant, null);
        activity?.SetTag("messaging.batch.message_count", payloads.Count);
        var ids = new List<Guid>(payloads.Count);
        var sending = Task.CompletedTask;
        try
        {
            // While the database stores one slice, the next one is written out.
            while (ids.Count < payloads.Count)
            {
                var (slice, json) = Cut(payloads, ids.Count);
                ids.AddRange(slice);
                var command = Command(
                    batch is null ? JobSql.EnqueueMany : JobSql.EnqueueBatch,
                    new NpgsqlParameter<Guid[]> { TypedValue = slice },
                    new() { Value = json, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Json },
                    tenant, definition, options);
                if (batch is { } id)
                    command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
                await sending;
                sending = SendAsync(
                    transaction.Connection!, transaction, command, ids.Count == payloads.Count ? Hint(definition, options) : null, cancellationToken);
            }
        }
        finally
        {
            await sending;
        }

        return ids;
    }

    /// <summary>The next jobs for one statement: a thousand, or fewer large ones.</summary>
    private (Guid[] Ids, byte[][] Json) Cut<TPayload>(IReadOnlyList<TPayload> payloads, int start)
        where TPayload : notnull
    {
        var now = time.GetUtcNow();
        var (ids, json) = (new List<Guid>(Slice), new List<byte[]>(Slice));
        for (var bytes = 0; start + ids.Count < payloads.Count && ids.Count < Slice && bytes < SliceBytes; bytes += json[^1].Length)
        {
            json.Add(JobJson.Payload(payloads[start + ids.Count]));
            ids.Add(Guid.CreateVersion7(now));
        }

        // Those of one millisecond are in no order; in order they are appended to their indexes.
        ids.Sort();
        return ([.. ids], [.. json]);
    }

    public async Task<bool> CancelAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid id, CancellationToken cancellationToken = default) =>
        await CancelAsync(transaction, JobSql.Cancel, tenant, id, cancellationToken) > 0;

    /// <summary>Cancels one job or one batch, and tells the workers.</summary>
    private static async Task<int> CancelAsync(
        NpgsqlTransaction transaction, string sql, TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        var cancel = new NpgsqlBatchCommand(sql);
        cancel.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        cancel.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        batch.BatchCommands.Add(cancel);
        batch.BatchCommands.Add(Notify(CancelChannel, ""));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return (int)cancel.RecordsAffected;
    }

    /// <summary>The channel on which workers hear of wishes to cancel.</summary>
    public const string CancelChannel = "jobs_cancel";

    /// <exception cref="JobException">The payload or the options can't be a job's.</exception>
    private NewJob Prepare<TPayload>(TenantId tenant, TPayload payload, JobOptions? options)
        where TPayload : notnull
    {
        var definition = JobDefinition<TPayload>.Value;
        options ??= JobOptions.Default;
        Check(definition, options);
        return new NewJob(Guid.CreateVersion7(time.GetUtcNow()), tenant, definition, options, JobJson.Payload(payload));
    }

    private async Task<Guid> EnqueueAsync(NpgsqlTransaction transaction, NewJob job, CancellationToken cancellationToken)
    {
        if (!job.IsFree)
            return await EnqueueKeyedAsync(transaction, job, cancellationToken);
        await SendAsync(
            transaction.Connection!, transaction, Command(JobSql.Enqueue, job), Hint(job.Definition, job.Options), cancellationToken);
        return job.Id;
    }

    /// <summary>One round trip; without a transaction of the caller's the statements are one of their own.</summary>
    private static async Task SendAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, NpgsqlBatchCommand command, NpgsqlBatchCommand? hint,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(command);
        if (hint is not null)
            batch.BatchCommands.Add(hint);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task SetTenantAsync(NpgsqlTransaction transaction, TenantId tenant, CancellationToken cancellationToken)
    {
        await using var set = new NpgsqlCommand("SELECT set_config('app.tenant_id', $1, true)", transaction.Connection, transaction);
        set.Parameters.Add(new NpgsqlParameter<string> { TypedValue = tenant.ToString() });
        await set.ExecuteNonQueryAsync(cancellationToken);
    }

    private NpgsqlBatchCommand? Hint(JobAttribute definition, JobOptions options)
    {
        var queue = options.Queue ?? definition.Queue;
        return options.Delay <= TimeSpan.Zero && hints.ShouldNotify(queue) ? Notify(EnqueueHints.Channel, queue) : null;
    }

    internal static NpgsqlBatchCommand Notify(string channel, string payload)
    {
        var notify = new NpgsqlBatchCommand("SELECT pg_notify($1, $2)");
        notify.Parameters.Add(new NpgsqlParameter<string> { TypedValue = channel });
        notify.Parameters.Add(new NpgsqlParameter<string> { TypedValue = payload });
        return notify;
    }

    private static NpgsqlBatchCommand Command(string sql, NewJob job) =>
        Command(sql, new NpgsqlParameter<Guid> { TypedValue = job.Id }, Json(job.Json), job.Tenant, job.Definition, job.Options);

    private static NpgsqlBatchCommand Command(
        string sql, NpgsqlParameter id, NpgsqlParameter payload, TenantId tenant, JobAttribute definition, JobOptions options)
    {
        var command = new NpgsqlBatchCommand(sql);
        var parameters = command.Parameters;
        parameters.Add(id);
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Delay > TimeSpan.Zero ? options.Delay : TimeSpan.Zero });
        parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)(options.MaxAttempts ?? definition.MaxAttempts) });
        parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)(options.Priority ?? definition.Priority) });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = options.Queue ?? definition.Queue });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = definition.Type });
        parameters.Add(new NpgsqlParameter<int> { TypedValue = (int?)options.Timeout?.TotalSeconds ?? definition.TimeoutSeconds });
        parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)(options.RetentionDays ?? definition.RetentionDays) });
        parameters.Add(new NpgsqlParameter<bool> { TypedValue = definition.BlocksLane });
        parameters.Add(Text(Activity.Current?.Id is { Length: 55 } traceparent ? traceparent : null));
        parameters.Add(payload);
        return command;
    }

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Json(byte[] json) => new() { Value = json, NpgsqlDbType = NpgsqlDbType.Json };

    private static Activity? StartActivity(JobAttribute definition, JobOptions options, TenantId tenant, Guid? id)
    {
        var queue = options.Queue ?? definition.Queue;
        var activity = JobTelemetry.Source.StartActivity($"send {queue}", ActivityKind.Producer);
        return activity is null ? null : JobTelemetry.Tag(activity, "send", queue, definition.Type, tenant, id);
    }

    /// <summary>The database doesn't check these again: that would cost each enqueue a fifth of its time.</summary>
    internal static void Check(JobAttribute definition, JobOptions options)
    {
        if ((options.Priority ?? definition.Priority) is < 0 or > 100)
            throw new JobException("A job's priority is between 0 and 100.");
        if (options.Lane is { Length: 0 or > MaxKeyLength })
            throw new JobException("A job's lane has 1 to 200 characters.");
        if (options.UniqueKey is { Length: 0 or > MaxKeyLength })
            throw new JobException("A job's unique key has 1 to 200 characters.");
        if (options.UniqueStates.Count > 0 && (options.UniqueKey is null || !options.UniqueStates.All(JobStates.IsFinished)))
            throw new JobException("Unique states are ended ones, of a job with a unique key.");
        if ((options.MaxAttempts ?? definition.MaxAttempts) is < 1 or > 100)
            throw new JobException("A job has between 1 and 100 attempts.");
        if ((options.Timeout?.TotalSeconds ?? definition.TimeoutSeconds) is not (>= 1 and <= int.MaxValue))
            throw new JobException("A job's timeout is at least one second.");
        if ((options.RetentionDays ?? definition.RetentionDays) is < 1 or > MaxRetentionDays)
            throw new JobException("A job is kept for 1 to 3,650 days.");
    }

    /// <summary>A job that was checked and written out, on its way to the database.</summary>
    private readonly record struct NewJob(Guid Id, TenantId Tenant, JobAttribute Definition, JobOptions Options, byte[] Json)
    {
        /// <summary>Neither a lane nor a unique key.</summary>
        public bool IsFree => Options is { Lane: null, UniqueKey: null };
    }
}
