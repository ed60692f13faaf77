using System.Text.Json;

namespace Platform.Jobs.Schedules;

/// <summary>A stored schedule.</summary>
/// <param name="Type">The type of the jobs it enqueues.</param>
/// <param name="Declared">True for one declared in code, which can be paused but not changed or deleted.</param>
/// <param name="PausedAt">Since when it makes no runs; null when it does.</param>
/// <param name="NextDue">When its next run is due, by the database's clock; null when none comes.</param>
/// <param name="LastDue">The due time of its last run; null before the first.</param>
/// <param name="Version">Grows with each change somebody makes.</param>
public sealed record JobSchedule(
    Guid Id,
    string Name,
    string Cron,
    string TimeZone,
    JobMisfire Misfire,
    string Type,
    string Queue,
    JsonElement Payload,
    bool Declared,
    DateTimeOffset? PausedAt,
    DateTimeOffset? NextDue,
    DateTimeOffset? LastDue,
    DateTimeOffset CreatedAt,
    int Version)
{
    /// <summary>The next due times, at most <paramref name="count"/>; none while it is paused.</summary>
    public IReadOnlyList<DateTimeOffset> NextRuns(int count = 5)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return PausedAt is null && NextDue is { } next
            ? [next, .. CronSchedule.Parse(Cron, TimeZone).NextRuns(count - 1, next)]
            : [];
    }
}
