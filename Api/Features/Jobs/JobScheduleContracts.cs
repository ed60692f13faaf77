using System.Text.Json;
using Platform.Api.Http;
using Platform.Jobs.Schedules;

namespace Platform.Api.Features.Jobs;

/// <summary>Jobs that come again and again.</summary>
/// <param name="Cron">Five fields.</param>
/// <param name="TimeZone">By which clock, an IANA name.</param>
/// <param name="MisfireRuns">How many runs that were missed are made up for: 0 none, 1 one.</param>
/// <param name="Payload">As it is sent, where tenants can make such schedules; else as it is stored, masked for everybody but operators.</param>
/// <param name="Declared">Whether it is part of the platform.</param>
/// <param name="NextRuns">The next five due times; none while it is paused.</param>
internal sealed record ScheduleResponse(
    Guid Id, string Name, string Cron, string TimeZone, int MisfireRuns, string Type, string Queue, JsonElement Payload, bool Declared,
    DateTimeOffset? PausedAt, DateTimeOffset? LastDue, IReadOnlyList<DateTimeOffset> NextRuns, DateTimeOffset CreatedAt,
    long Version) : IVersioned
{
    private const int Ahead = 5;

    /// <param name="whole">With the payload as it is.</param>
    public static ScheduleResponse From(JobSchedule schedule, bool whole) => new(
        schedule.Id, schedule.Name, schedule.Cron, schedule.TimeZone, schedule.Misfire.Runs, schedule.Type, schedule.Queue,
        JobScheduleInput.Types.Contains(schedule.Type) ? JobScheduleInput.Written(schedule.Payload)
            : whole ? schedule.Payload : PayloadMask.Mask(schedule.Payload.GetRawText()),
        schedule.Declared, schedule.PausedAt, schedule.LastDue, schedule.NextRuns(Ahead), schedule.CreatedAt, schedule.Version);
}
