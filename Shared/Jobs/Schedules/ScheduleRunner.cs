using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Jobs.Engine;
using Platform.Jobs.Internal;
using Platform.Tenancy;

namespace Platform.Jobs.Schedules;

/// <summary>Enqueues the runs of schedules when they are due, each from its own due time, so that none drifts.</summary>
internal sealed class ScheduleRunner(
    JobDatabase database, DeclaredSchedules declared, TimeProvider time, IOptions<JobWorkerOptions> options, ILogger<ScheduleRunner> logger)
    : LeaderDuty
{
    private const int Slice = 100;
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(10);

    /// <summary>How long a schedule that can't be read is left alone.</summary>
    private static readonly TimeSpan Trouble = TimeSpan.FromHours(1);

    public override async Task RunAsync(CancellationToken lead)
    {
        await declared.StoreAsync(lead);
        while (true)
        {
            if (await FireDueAsync(lead) == Slice)
                continue;
            var pause = await NextAsync(lead) is { } next && next < options.Value.PollInterval ? next : options.Value.PollInterval;
            await Task.Delay(pause > Least ? pause : Least, time, lead);
        }
    }

    /// <returns>How many schedules had a run to make.</returns>
    internal async Task<int> FireDueAsync(CancellationToken cancellationToken)
    {
        var due = new List<Due>();
        await using (var command = database.Writes.CreateCommand(ScheduleSql.Due))
        {
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Slice });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                due.Add(new Due(
                    new TenantId(reader.GetGuid(0)), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                    JobMisfire.Of(reader.GetInt16(5)), reader.GetString(6), reader.GetString(7),
                    reader.GetFieldValue<DateTimeOffset>(8), reader.GetFieldValue<DateTimeOffset>(9)));
            }
        }

        foreach (var schedule in due)
            await FireAsync(schedule, cancellationToken);
        return due.Count;
    }

    private async Task FireAsync(Due schedule, CancellationToken cancellationToken)
    {
        try
        {
            var cron = CronSchedule.Parse(schedule.Cron, schedule.TimeZone);
            var runs = DueRuns.Of(cron, schedule.NextDue, schedule.Now, options.Value.ScheduleGrace, schedule.Misfire);
            var made = await WriteAsync(schedule, runs, cron.Next(schedule.Now), cancellationToken);
            if (made > 0 && schedule.Now - schedule.NextDue > options.Value.ScheduleGrace)
                logger.ScheduleLate(schedule.Id, schedule.Tenant, schedule.NextDue, made);
        }
        catch (Exception e) when (e is JobException or PostgresException { IsTransient: false })
        {
            // A zone this machine doesn't know, say. The others must not wait for somebody to mend it.
            logger.ScheduleUnreadable(e, schedule.Id, schedule.Tenant);
            await WriteAsync(schedule, [], schedule.Now + Trouble, cancellationToken);
        }
    }

    /// <returns>How many runs were made: none when somebody else was faster.</returns>
    private async Task<int> WriteAsync(
        Due schedule, IReadOnlyList<DateTimeOffset> runs, DateTimeOffset? next, CancellationToken cancellationToken)
    {
        using var activity = runs.Count == 0 ? null : JobTelemetry.Source.StartActivity($"send {schedule.Queue}", ActivityKind.Producer);
        if (activity is not null)
            JobTelemetry.Tag(activity, "send", schedule.Queue, schedule.Type, schedule.Tenant, null).SetTag("job.schedule", schedule.Name);

        await using var connection = await database.Writes.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        var fire = new NpgsqlBatchCommand(ScheduleSql.Fire);
        fire.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = schedule.Tenant.Value });
        fire.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = schedule.Id });
        fire.Parameters.Add(ScheduleSql.Time(schedule.NextDue));
        fire.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. runs.Select(_ => Guid.CreateVersion7(time.GetUtcNow()))] });
        fire.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. runs.Select(r => r.UtcDateTime)] });
        fire.Parameters.Add(ScheduleSql.Time(next));
        fire.Parameters.Add(ScheduleSql.Text(activity?.Id));
        batch.BatchCommands.Add(fire);
        if (runs.Count > 0)
            batch.BatchCommands.Add(JobQueue.Notify(EnqueueHints.Channel, schedule.Queue));
        return await batch.ExecuteScalarAsync(cancellationToken) as int? ?? 0;
    }

    private async Task<TimeSpan?> NextAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Writes.CreateCommand(ScheduleSql.NextDue);
        return await command.ExecuteScalarAsync(cancellationToken) is double seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 3600)) : null;
    }

    private sealed record Due(
        TenantId Tenant, Guid Id, string Name, string Cron, string TimeZone, JobMisfire Misfire, string Queue, string Type,
        DateTimeOffset NextDue, DateTimeOffset Now);
}
