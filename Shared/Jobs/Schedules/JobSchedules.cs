using System.Reflection;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Platform.Jobs.Internal;
using Platform.Tenancy;

namespace Platform.Jobs.Schedules;

internal sealed class JobSchedules : IJobSchedules
{
    public async Task<JobSchedule> CreateAsync<TPayload>(
        NpgsqlTransaction transaction,
        TenantId tenant,
        string name,
        CronSchedule cron,
        TPayload payload,
        JobMisfire? misfire = null,
        JobOptions? options = null,
        CancellationToken cancellationToken = default)
        where TPayload : notnull
    {
        var settings = ScheduleSettings.Of(name, cron, payload, misfire, options);
        await using (var turn = new NpgsqlCommand(ScheduleSql.Lock, transaction.Connection, transaction))
        {
            turn.Parameters.Add(ScheduleSql.Text(tenant.ToString()));
            await turn.ExecuteNonQueryAsync(cancellationToken);
        }

        var (now, count) = await CountAsync(transaction, tenant, cancellationToken);
        if (count >= IJobSchedules.MaxPerTenant)
            throw new JobException($"A tenant has at most {IJobSchedules.MaxPerTenant} schedules.");
        var id = Guid.CreateVersion7();
        await using (var command = Command(transaction, ScheduleSql.Create, tenant, id))
        {
            settings.AddTo(command.Parameters);
            command.Parameters.Add(ScheduleSql.Time(cron.Next(now)));
            if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
                throw NameTaken(name);
        }

        return (await GetAsync(transaction, tenant, id, cancellationToken))!;
    }

    public async Task<JobSchedule?> ChangeAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid id, JobScheduleChange change, CancellationToken cancellationToken = default)
    {
        if (change.Name is not null)
            ScheduleSettings.CheckName(change.Name);
        if (await GetAsync(transaction, tenant, id, cancellationToken) is not { } schedule)
            return null;
        if (schedule.Declared)
            throw new JobException("This schedule is declared in code: it can be paused, but not changed.");
        if (change.Payload?.GetType().GetCustomAttribute<JobAttribute>()?.Type is var type && change.Payload is not null && type != schedule.Type)
            throw new JobException($"This schedule's jobs are of type '{schedule.Type}', not '{type}'.");

        var (now, _) = await CountAsync(transaction, tenant, cancellationToken);
        await using (var command = Command(transaction, ScheduleSql.Change, tenant, id))
        {
            command.Parameters.Add(ScheduleSql.Text(change.Name));
            command.Parameters.Add(ScheduleSql.Text(change.Cron?.Expression));
            command.Parameters.Add(ScheduleSql.Text(change.Cron?.TimeZone));
            command.Parameters.Add(new() { Value = (object?)(short?)change.Misfire?.Runs ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Smallint });
            command.Parameters.Add(new()
            {
                Value = change.Payload is null ? DBNull.Value : JobJson.Payload(change.Payload), NpgsqlDbType = NpgsqlDbType.Json,
            });
            command.Parameters.Add(ScheduleSql.Time(change.Cron?.Next(now)));
            command.Parameters.Add(new() { Value = (object?)change.IfVersion ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
            var result = await command.ExecuteScalarAsync(cancellationToken);
            if (result is null)
                return null;
            if (result is false)
                throw NameTaken(change.Name);
        }

        return await GetAsync(transaction, tenant, id, cancellationToken);
    }

    public Task<JobSchedule?> PauseAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid id, CancellationToken cancellationToken = default) =>
        PauseAsync(transaction, tenant, id, paused: true, cancellationToken);

    public Task<JobSchedule?> ResumeAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid id, CancellationToken cancellationToken = default) =>
        PauseAsync(transaction, tenant, id, paused: false, cancellationToken);

    public async Task<bool> DeleteAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid id, int? ifVersion = null, CancellationToken cancellationToken = default)
    {
        await using (var command = Command(transaction, ScheduleSql.Delete, tenant, id))
        {
            command.Parameters.Add(new() { Value = (object?)ifVersion ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
            if (await command.ExecuteNonQueryAsync(cancellationToken) > 0)
                return true;
        }

        return await GetAsync(transaction, tenant, id, cancellationToken) is { Declared: true }
            ? throw new JobException("This schedule is declared in code: it can be paused, but not deleted.")
            : false;
    }

    public async Task<JobSchedule?> GetAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid id, CancellationToken cancellationToken = default) =>
        await ReadAsync(transaction, tenant, id, cancellationToken) is [var schedule] ? schedule : null;

    public Task<IReadOnlyList<JobSchedule>> ListAsync(
        NpgsqlTransaction transaction, TenantId tenant, CancellationToken cancellationToken = default) =>
        ReadAsync(transaction, tenant, null, cancellationToken);

    public async Task<IReadOnlyList<JobScheduleRun>> RunsAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid id, int limit = 20, CancellationToken cancellationToken = default)
    {
        await using var command = Command(transaction, ScheduleSql.Runs, tenant, id);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Math.Clamp(limit, 1, 100) });
        var runs = new List<JobScheduleRun>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            runs.Add(new(reader.GetFieldValue<DateTimeOffset>(0), reader.GetGuid(1), reader.GetFieldValue<DateTimeOffset>(2)));
        return runs;
    }

    private static async Task<JobSchedule?> PauseAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid id, bool paused, CancellationToken cancellationToken)
    {
        if (await ReadAsync(transaction, tenant, id, cancellationToken) is not [var schedule])
            return null;
        if (schedule.PausedAt is not null == paused)
            return schedule;
        var (now, _) = await CountAsync(transaction, tenant, cancellationToken);
        await using (var command = Command(transaction, ScheduleSql.Pause, tenant, id))
        {
            command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = paused });
            command.Parameters.Add(ScheduleSql.Time(CronSchedule.Parse(schedule.Cron, schedule.TimeZone).Next(now)));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return await ReadAsync(transaction, tenant, id, cancellationToken) is [var changed] ? changed : null;
    }

    private static async Task<IReadOnlyList<JobSchedule>> ReadAsync(
        NpgsqlTransaction transaction, TenantId tenant, Guid? id, CancellationToken cancellationToken)
    {
        await using var command = Command(transaction, ScheduleSql.Read, tenant, id);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = IJobSchedules.MaxPerTenant });
        var schedules = new List<JobSchedule>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            schedules.Add(new JobSchedule(
                reader.GetGuid(0),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetString(3),
                JobMisfire.Of(reader.GetInt16(4)),
                reader.GetString(5),
                reader.GetString(6),
                JsonElement.Parse(reader.GetString(7)),
                reader.GetBoolean(8),
                Time(9),
                Time(10),
                Time(11),
                Time(12)!.Value,
                reader.GetInt32(13)));
        }

        return schedules;

        DateTimeOffset? Time(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
    }

    private static async Task<(DateTimeOffset Now, long Count)> CountAsync(
        NpgsqlTransaction transaction, TenantId tenant, CancellationToken cancellationToken)
    {
        await using var command = Command(transaction, ScheduleSql.Count, tenant);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetFieldValue<DateTimeOffset>(0), reader.GetInt64(1));
    }

    private static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql, TenantId tenant)
    {
        var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        return command;
    }

    private static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql, TenantId tenant, Guid? id)
    {
        var command = Command(transaction, sql, tenant);
        command.Parameters.Add(new() { Value = (object?)id ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        return command;
    }

    private static JobException NameTaken(string? name) => new($"There is a schedule named '{name}' already.");
}
