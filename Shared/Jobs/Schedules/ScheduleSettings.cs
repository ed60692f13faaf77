using Npgsql;
using NpgsqlTypes;
using Platform.Jobs.Internal;

namespace Platform.Jobs.Schedules;

/// <summary>What a schedule and its jobs are made with.</summary>
internal sealed record ScheduleSettings(
    string Name,
    CronSchedule Cron,
    JobMisfire Misfire,
    string Type,
    string Queue,
    int Priority,
    int MaxAttempts,
    int TimeoutSeconds,
    int RetentionDays,
    byte[] Payload)
{
    /// <exception cref="JobException">The name or the options don't do, or the payload can't be a job's.</exception>
    public static ScheduleSettings Of<TPayload>(string name, CronSchedule cron, TPayload payload, JobMisfire? misfire, JobOptions? options)
        where TPayload : notnull
    {
        var definition = JobDefinition<TPayload>.Value;
        options ??= JobOptions.Default;
        JobQueue.Check(definition, options);
        if (options.Delay > TimeSpan.Zero || options is not { Lane: null, UniqueKey: null })
            throw new JobException("A schedule's jobs have no delay, lane or unique key.");
        CheckName(name);
        return new ScheduleSettings(
            name,
            cron,
            misfire ?? JobMisfire.RunOnce,
            definition.Type,
            options.Queue ?? definition.Queue,
            options.Priority ?? definition.Priority,
            options.MaxAttempts ?? definition.MaxAttempts,
            (int?)options.Timeout?.TotalSeconds ?? definition.TimeoutSeconds,
            options.RetentionDays ?? definition.RetentionDays,
            JobJson.Payload(payload));
    }

    public static void CheckName(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 100 || name.Any(char.IsControl))
            throw new JobException("A schedule's name has 1 to 100 characters.");
    }

    /// <summary>Parameters $3 to $13 of schedule_create.sql and schedule_declare.sql.</summary>
    public void AddTo(NpgsqlParameterCollection parameters)
    {
        parameters.Add(new NpgsqlParameter<string> { TypedValue = Name });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = Cron.Expression });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = Cron.TimeZone });
        parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)Misfire.Runs });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = Type });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = Queue });
        parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)Priority });
        parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)MaxAttempts });
        parameters.Add(new NpgsqlParameter<int> { TypedValue = TimeoutSeconds });
        parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)RetentionDays });
        parameters.Add(new() { Value = Payload, NpgsqlDbType = NpgsqlDbType.Json });
    }
}
