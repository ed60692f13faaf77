using System.Text.Json;
using Npgsql;
using Platform.Tenancy;

namespace Platform.Jobs.Internal;

internal sealed class JobReader(TimeProvider time) : IJobReader
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastLook = TimeSpan.FromSeconds(1);

    public async Task<JobStatus?> GetStatusAsync(
        NpgsqlConnection connection, TenantId tenant, Guid id, CancellationToken cancellationToken = default)
    {
        // A batch without a transaction is one implicit transaction: the setting lasts exactly as long as the query needs it.
        await using var batch = new NpgsqlBatch(connection);
        var setting = new NpgsqlBatchCommand("SELECT set_config('app.tenant_id', $1, true)");
        setting.Parameters.Add(new NpgsqlParameter<string> { TypedValue = tenant.ToString() });
        batch.BatchCommands.Add(setting);
        var query = new NpgsqlBatchCommand(JobSql.Status);
        query.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        query.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        batch.BatchCommands.Add(query);

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    public async Task<JobStatus?> GetStatusAsync(
        NpgsqlDataSource dataSource, TenantId tenant, Guid id, CancellationToken cancellationToken = default)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await GetStatusAsync(connection, tenant, id, cancellationToken);
    }

    public async Task<JobStatus?> WaitAsync(
        NpgsqlDataSource dataSource,
        TenantId tenant,
        Guid id,
        TimeSpan wait,
        JobStatus? known = null,
        CancellationToken cancellationToken = default)
    {
        var start = time.GetTimestamp();
        var pause = FirstLook;
        while (true)
        {
            var status = await GetStatusAsync(dataSource, tenant, id, cancellationToken);
            if (status is null || JobStates.IsFinished(status.State) || (known is not null && Differs(status, known)))
                return status;
            var left = wait - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
                return status;
            await Task.Delay(pause < left ? pause : left, time, cancellationToken);
            pause = pause * 1.5 < LastLook ? pause * 1.5 : LastLook;
        }
    }

    private static bool Differs(JobStatus status, JobStatus known) =>
        status.State != known.State || status.Progress != known.Progress || status.Attempts != known.Attempts;

    internal static JobStatus Read(NpgsqlDataReader reader)
    {
        var state = reader.GetString(3);
        var done = reader.GetInt64(4);
        var total = reader.GetInt64(5);
        var percent = state == JobStates.Succeeded ? 100 : Percent(done, total);
        JsonElement? result = null;
        if (!reader.IsDBNull(11))
            result = JsonSerializer.Deserialize<JsonElement>(reader.GetString(11));
        return new JobStatus(
            reader.GetGuid(0),
            reader.GetString(1),
            reader.GetString(2),
            state,
            new JobProgress(done, total, percent),
            reader.GetInt32(6),
            reader.GetInt32(7),
            reader.GetFieldValue<DateTimeOffset>(8),
            reader.IsDBNull(9) ? null : reader.GetFieldValue<DateTimeOffset>(9),
            reader.IsDBNull(10) ? null : reader.GetFieldValue<DateTimeOffset>(10),
            result,
            reader.IsDBNull(12) ? null : reader.GetString(12));
    }

    internal static int Percent(long done, long total) =>
        total <= 0 ? 0 : (int)Math.Clamp(done * 100 / total, 0, 100);
}
