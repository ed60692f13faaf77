using Npgsql;
using NpgsqlTypes;
using Platform.Tenancy;

namespace Platform.Jobs.Internal;

internal sealed class JobOperators(TimeProvider time) : IJobOperators
{
    /// <summary>Tenants of a queue whose limits are shown.</summary>
    private const int MostLimits = 50;

    public Task<TenantId?> FindAsync(
        NpgsqlDataSource dataSource, Guid operatorId, Guid job, string action, CancellationToken cancellationToken = default) =>
        FindAsync(dataSource, "SELECT jobs.operator_find($1, $2, $3, $4)", operatorId, job, action, cancellationToken);

    public Task<TenantId?> FindBatchAsync(
        NpgsqlDataSource dataSource, Guid operatorId, Guid batch, string action, CancellationToken cancellationToken = default) =>
        FindAsync(dataSource, "SELECT jobs.operator_find_batch($1, $2, $3, $4)", operatorId, batch, action, cancellationToken);

    public async Task<bool> EnterAsync(
        NpgsqlDataSource dataSource, Guid operatorId, TenantId tenant, string action, CancellationToken cancellationToken = default)
    {
        await using var command = Create(dataSource, "SELECT jobs.operator_enter($1, $2, $3, $4)", operatorId, tenant.Value, action, time.GetUtcNow());
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task<JobSearchResult> SearchAsync(
        NpgsqlDataSource dataSource, Guid operatorId, JobQuery query, CancellationToken cancellationToken = default)
    {
        await using var command = Create(dataSource, "SELECT * FROM jobs.operator_search($1, $2, $3, $4, $5, $6, $7, $8, $9)", operatorId);
        JobSearch.AddFilter(command.Parameters, query);
        command.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow(), NpgsqlDbType = NpgsqlDbType.TimestampTz });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await JobSearch.ReadPageAsync(reader, query.Limit, cancellationToken);
    }

    public async Task<IReadOnlyList<QueueFigures>> GetQueuesAsync(
        NpgsqlDataSource dataSource, Guid operatorId, IReadOnlyList<string> queues, CancellationToken cancellationToken = default)
    {
        await using var command = Create(
            dataSource, "SELECT * FROM jobs.operator_queues($1, $2, $3)", operatorId, queues.ToArray(), JobSearch.Most);
        var figures = new List<QueueFigures>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                figures.Add(JobSearch.ReadQueue(reader, pausedForAll: !reader.IsDBNull(5)));
        }

        await using var limits = Create(
            dataSource, "SELECT * FROM jobs.operator_limits($1, $2, $3)", operatorId, queues.ToArray(), MostLimits);
        await using var rows = await limits.ExecuteReaderAsync(cancellationToken);
        return await JobSearch.ReadLimitsAsync(rows, figures, cancellationToken);
    }

    public async Task<IReadOnlyList<WorkerFigures>> GetWorkersAsync(
        NpgsqlDataSource dataSource, Guid operatorId, CancellationToken cancellationToken = default)
    {
        await using var command = Create(dataSource, "SELECT w.*, w.expires_at <= clock_timestamp() FROM jobs.operator_workers($1, $2) w", operatorId, JobSearch.Most);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var workers = new List<WorkerFigures>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var expiresAt = reader.GetFieldValue<DateTimeOffset>(6);
            workers.Add(new WorkerFigures(
                reader.GetInt32(0), reader.GetString(1), reader.GetFieldValue<string[]>(2), reader.GetInt64(3),
                reader.GetFieldValue<DateTimeOffset>(4), reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5),
                expiresAt, reader.GetBoolean(7) ? expiresAt : null));
        }

        return workers;
    }

    public async Task PauseAsync(
        NpgsqlDataSource dataSource, Guid operatorId, string queue, bool paused, CancellationToken cancellationToken = default)
    {
        await using var command = Create(dataSource, "SELECT jobs.operator_pause($1, $2, $3, $4)", operatorId, queue, paused, time.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public Task<bool> SetLimitAsync(
        NpgsqlDataSource dataSource, Guid operatorId, string queue, TenantId? tenant, RateLimit? limit, CancellationToken cancellationToken = default) =>
        LimitAsync(dataSource, "SELECT jobs.operator_set_limit($1, $2, $3, $4, $5, $6)", operatorId, queue, tenant, limit, cancellationToken);

    public Task<bool> NoteLimitAsync(
        NpgsqlDataSource dataSource, Guid operatorId, string queue, TenantId tenant, RateLimit? limit, CancellationToken cancellationToken = default) =>
        LimitAsync(dataSource, "SELECT jobs.operator_note_limit($1, $2, $3, $4, $5, $6)", operatorId, queue, tenant, limit, cancellationToken);

    /// <summary>Permits and span, or nothing for no limit.</summary>
    public static void AddLimit(NpgsqlParameterCollection parameters, RateLimit? limit)
    {
        parameters.Add(new() { Value = (object?)limit?.Permits ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        parameters.Add(new() { Value = (object?)limit?.Span ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Interval });
    }

    private async Task<bool> LimitAsync(
        NpgsqlDataSource dataSource, string sql, Guid operatorId, string queue, TenantId? tenant, RateLimit? limit, CancellationToken cancellationToken)
    {
        await using var command = Create(dataSource, sql, operatorId, queue);
        command.Parameters.Add(new() { Value = (object?)tenant?.Value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        AddLimit(command.Parameters, limit);
        command.Parameters.AddWithValue(time.GetUtcNow());
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<TenantId?> FindAsync(
        NpgsqlDataSource dataSource, string sql, Guid operatorId, Guid id, string action, CancellationToken cancellationToken)
    {
        await using var command = Create(dataSource, sql, operatorId, id, action, time.GetUtcNow());
        return await command.ExecuteScalarAsync(cancellationToken) is Guid tenant ? new TenantId(tenant) : null;
    }

    private static NpgsqlCommand Create(NpgsqlDataSource dataSource, string sql, params object[] parameters)
    {
        var command = dataSource.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.AddWithValue(parameter);
        return command;
    }
}
