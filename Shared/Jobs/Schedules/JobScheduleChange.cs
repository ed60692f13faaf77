namespace Platform.Jobs.Schedules;

/// <summary>What to change in a schedule; null leaves as it is.</summary>
public sealed record JobScheduleChange
{
    /// <summary>1 to 100 characters, unique within the tenant.</summary>
    public string? Name { get; init; }

    /// <summary>New times; the next run is the first one after now.</summary>
    public CronSchedule? Cron { get; init; }

    public JobMisfire? Misfire { get; init; }

    /// <summary>What its jobs carry from now on; of the type it was created with.</summary>
    public object? Payload { get; init; }

    /// <summary>Change it only if this still is its version.</summary>
    public int? IfVersion { get; init; }
}
