using System.Buffers.Binary;
using Npgsql;
using NpgsqlTypes;
using Platform.Tenancy;

namespace Platform.Jobs.Internal;

internal sealed class JobSearch : IJobSearch
{
    /// <summary>Jobs one search looks at, and jobs of a queue that are counted.</summary>
    public const int Scan = 10_000, Most = 100_000;

    /// <summary>
    /// A search is planned for what it looks for, not once for all, and goes from index to index: it then ends with the last row
    /// that is wanted, whatever the tables' size. Lasts for the transaction.
    /// </summary>
    internal const string Planning =
        "set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_hashjoin', 'off', true), "
        + "set_config('enable_mergejoin', 'off', true), set_config('enable_seqscan', 'off', true)";

    private static readonly Guid Last = new("ffffffff-ffff-ffff-ffff-ffffffffffff");

    public Task<JobSearchResult> SearchAsync(
        NpgsqlDataSource dataSource, TenantId tenant, JobQuery query, CancellationToken cancellationToken = default)
    {
        var function = query.State is JobStates.Dead or JobStates.Failed or JobStates.Cancelled ? "search_unsuccessful" : "search";
        var command = new NpgsqlBatchCommand($"SELECT * FROM jobs.{function}($1, $2, $3, $4, $5, $6, $7, $8)");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        AddFilter(command.Parameters, query);
        return ReadAsync(dataSource, tenant, [command], reader => ReadPageAsync(reader, query.Limit, cancellationToken), cancellationToken);
    }

    public Task<JobDetail?> GetDetailAsync(
        NpgsqlDataSource dataSource, TenantId tenant, Guid id, CancellationToken cancellationToken = default) =>
        ReadAsync(
            dataSource, tenant, [One(JobSql.Status, tenant, id), One(JobSql.Detail, tenant, id), One(JobSql.Timeline, tenant, id)],
            reader => ReadDetailAsync(reader, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<QueueFigures>> GetQueuesAsync(
        NpgsqlDataSource dataSource, TenantId tenant, IReadOnlyList<string> queues, CancellationToken cancellationToken = default)
    {
        var command = new NpgsqlBatchCommand(JobSql.QueueFigures);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. queues] });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Most });
        var limits = new NpgsqlBatchCommand(JobSql.QueueLimits);
        limits.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. queues] });
        return ReadAsync(dataSource, tenant, [command, limits], ReadQueuesAsync, cancellationToken);

        async Task<IReadOnlyList<QueueFigures>> ReadQueuesAsync(NpgsqlDataReader reader)
        {
            var figures = new List<QueueFigures>();
            while (await reader.ReadAsync(cancellationToken))
                figures.Add(ReadQueue(reader, reader.GetBoolean(8)));
            await reader.NextResultAsync(cancellationToken);
            return await ReadLimitsAsync(reader, figures, cancellationToken);
        }
    }

    public Task<JobBatch?> GetBatchAsync(
        NpgsqlDataSource dataSource, TenantId tenant, Guid id, CancellationToken cancellationToken = default) =>
        ReadAsync(
            dataSource, tenant, [One(JobSql.Batch, tenant, id)],
            async reader => await reader.ReadAsync(cancellationToken) ? ReadBatch(reader) : null, cancellationToken);

    /// <summary>Queue, type, state, from, before, limit and scan, in this order.</summary>
    public static void AddFilter(NpgsqlParameterCollection parameters, JobQuery query)
    {
        foreach (var text in (ReadOnlySpan<string?>)[query.Queue, query.Type, query.State])
            parameters.Add(new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        var before = query.To is { } to ? FirstOf(to) : Last;
        if (query.Before is { } place && place.CompareTo(before) < 0)
            before = place;
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = query.From is { } from ? FirstOf(from) : Guid.Empty });
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = before });
        parameters.Add(new NpgsqlParameter<int> { TypedValue = Math.Clamp(query.Limit, 1, 50) + 1 });
        parameters.Add(new NpgsqlParameter<int> { TypedValue = Scan });
    }

    public static async Task<JobSearchResult> ReadPageAsync(NpgsqlDataReader reader, int limit, CancellationToken cancellationToken)
    {
        limit = Math.Clamp(limit, 1, 50);
        var jobs = new List<JobSummary>(limit + 1);
        Guid? edge = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            edge = reader.IsDBNull(12) ? null : reader.GetGuid(12);
            if (!reader.IsDBNull(0))
            {
                jobs.Add(new JobSummary(
                    reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetInt32(5),
                    reader.GetInt32(6), Text(reader, 7), reader.GetFieldValue<DateTimeOffset>(8), Time(reader, 9), Time(reader, 10),
                    Text(reader, 11)));
            }
        }

        return jobs.Count > limit ? new([.. jobs.Take(limit)], jobs[limit - 1].Id) : new(jobs, edge);
    }

    public static QueueFigures ReadQueue(NpgsqlDataReader reader, bool pausedForAll) => new(
        reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), Math.Max(0, reader.GetDouble(4)), Time(reader, 5), pausedForAll)
    {
        InLanes = reader.GetInt64(6),
        BlockedLanes = reader.GetInt64(7),
    };

    /// <summary>Puts the limits to their queues.</summary>
    public static async Task<IReadOnlyList<QueueFigures>> ReadLimitsAsync(
        NpgsqlDataReader reader, List<QueueFigures> figures, CancellationToken cancellationToken)
    {
        var limits = new List<(string Queue, QueueLimit Limit)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            limits.Add((reader.GetString(0), new QueueLimit(
                reader.IsDBNull(1) ? null : reader.GetGuid(1), reader.GetInt32(2), reader.GetDouble(3), reader.IsDBNull(4) ? null : reader.GetInt32(4))));
        }

        return limits.Count == 0
            ? figures
            : [.. figures.Select(queue => queue with { Limits = [.. limits.Where(l => l.Queue == queue.Name).Select(l => l.Limit)] })];
    }

    public static JobBatch ReadBatch(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetGuid(1), reader.GetInt32(2), reader.GetInt32(3), reader.GetInt32(4), reader.GetInt32(5), reader.GetInt32(6),
        reader.GetFieldValue<DateTimeOffset>(7), Time(reader, 8), Time(reader, 9));

    /// <summary>The least UUIDv7 of a moment: ids begin with their milliseconds.</summary>
    internal static Guid FirstOf(DateTimeOffset moment)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteInt64BigEndian(bytes, Math.Max(0, moment.ToUnixTimeMilliseconds()) << 16);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>When a UUIDv7 was made.</summary>
    internal static DateTimeOffset TimeOf(Guid id) =>
        DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(id.ToByteArray(bigEndian: true)) >>> 16);

    private static async Task<JobDetail?> ReadDetailAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        var status = JobReader.Read(reader);
        await reader.NextResultAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        var detail = new JobDetail(
            status, reader.GetInt32(0), Text(reader, 1), reader.GetBoolean(8), Text(reader, 2), reader.IsDBNull(3) ? null : reader.GetGuid(3),
            Time(reader, 4) is { Year: < 6000 } runAt ? runAt : null, reader.GetInt32(5), Text(reader, 6), reader.GetString(7), []);
        await reader.NextResultAsync(cancellationToken);
        var attempts = new List<JobAttempt>();
        while (await reader.ReadAsync(cancellationToken))
        {
            attempts.Add(new JobAttempt(
                reader.GetInt32(0), reader.GetString(1), Time(reader, 2), Time(reader, 3), reader.IsDBNull(4) ? null : reader.GetInt32(4),
                Text(reader, 5), Text(reader, 6)));
        }

        return detail with { Attempts = attempts };
    }

    /// <summary>Runs the statements as the tenant in one implicit transaction; the reader is at the first one's rows.</summary>
    internal static async Task<T> ReadAsync<T>(
        NpgsqlDataSource dataSource, TenantId tenant, NpgsqlBatchCommand[] commands, Func<NpgsqlDataReader, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        var settings = new NpgsqlBatchCommand($"SELECT set_config('app.tenant_id', $1, true), {Planning}");
        settings.Parameters.Add(new NpgsqlParameter<string> { TypedValue = tenant.ToString() });
        batch.BatchCommands.Add(settings);
        foreach (var command in commands)
            batch.BatchCommands.Add(command);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await read(reader);
    }

    private static NpgsqlBatchCommand One(string sql, TenantId tenant, Guid id)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        return command;
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
