using Microsoft.Extensions.Logging;
using Platform.Tenancy;

namespace Platform.Jobs.Engine;

internal static partial class JobLog
{
    [LoggerMessage(6100, LogLevel.Information, "Worker {Worker} ({Name}) serves {Queues}")]
    public static partial void Registered(this ILogger logger, int worker, string name, string queues);

    [LoggerMessage(6101, LogLevel.Error, "Worker {Worker} lost its lease; its jobs are left to other workers")]
    public static partial void LeaseLost(this ILogger logger, int worker);

    [LoggerMessage(6102, LogLevel.Warning, "The queue's database can't be reached: {Reason}")]
    public static partial void DatabaseAway(this ILogger logger, string reason);

    [LoggerMessage(6103, LogLevel.Warning, "Job {JobId} ({Type}), attempt {Attempt}, failed and is tried again in {Delay}")]
    public static partial void Retrying(this ILogger logger, Exception? exception, Guid jobId, string type, int attempt, TimeSpan delay);

    [LoggerMessage(6104, LogLevel.Error, "Job {JobId} ({Type}) is dead after attempt {Attempt}: {Error}")]
    public static partial void Dead(this ILogger logger, Exception? exception, Guid jobId, string type, int attempt, string? error);

    [LoggerMessage(6105, LogLevel.Error, "Job {JobId} ({Type}) was left behind: its handler ignores its cancelled token")]
    public static partial void Abandoned(this ILogger logger, Guid jobId, string type);

    [LoggerMessage(6106, LogLevel.Warning, "Job {JobId} ({Type}) ended as {Outcome}, but another worker has taken it over meanwhile")]
    public static partial void Fenced(this ILogger logger, Guid jobId, string type, string outcome);

    [LoggerMessage(6107, LogLevel.Warning, "Took {Count} jobs over from lost workers")]
    public static partial void Rescued(this ILogger logger, int count);

    [LoggerMessage(6108, LogLevel.Information, "Draining: {Running} jobs run, {Buffered} go back to the queue")]
    public static partial void Draining(this ILogger logger, int running, int buffered);

    [LoggerMessage(6109, LogLevel.Error, "The end of job {JobId} ({Type}) can't be stored")]
    public static partial void Unstorable(this ILogger logger, Exception exception, Guid jobId, string type);

    [LoggerMessage(6110, LogLevel.Warning, "An event of job {JobId} could not be published")]
    public static partial void EventLost(this ILogger logger, Exception exception, Guid jobId);

    [LoggerMessage(6111, LogLevel.Information, "Deleted {Count} jobs past their retention")]
    public static partial void Pruned(this ILogger logger, int count);

    [LoggerMessage(6112, LogLevel.Error, "{Part} failed and is tried again")]
    public static partial void PartFailed(this ILogger logger, Exception exception, string part);

    [LoggerMessage(6113, LogLevel.Information, "Leading: this worker runs the schedules and the upkeep")]
    public static partial void Leading(this ILogger logger);

    [LoggerMessage(6114, LogLevel.Warning, "No longer leading: another worker runs the schedules and the upkeep")]
    public static partial void LeadLost(this ILogger logger);

    [LoggerMessage(6115, LogLevel.Warning, "Schedule {Schedule} of tenant {Tenant} was due at {Due}: {Count} missed runs are made up for now")]
    public static partial void ScheduleLate(this ILogger logger, Guid schedule, TenantId tenant, DateTimeOffset due, int count);

    [LoggerMessage(6116, LogLevel.Error, "Schedule {Schedule} of tenant {Tenant} can't be run; it is tried again in an hour")]
    public static partial void ScheduleUnreadable(this ILogger logger, Exception exception, Guid schedule, TenantId tenant);

    [LoggerMessage(6117, LogLevel.Warning, "A snapshot has been held for {Held} by {Holder}: the queue's dead rows can't be cleaned away until it ends")]
    public static partial void SnapshotHeld(this ILogger logger, string holder, TimeSpan held);

    [LoggerMessage(6118, LogLevel.Warning, "The queue's hot table has {Dead} dead rows beside {Live} live ones: vacuum doesn't keep up")]
    public static partial void DeadRows(this ILogger logger, long dead, long live);

    [LoggerMessage(6119, LogLevel.Information, "Rebuilding index {Index}: {Bytes} bytes for {Rows} rows")]
    public static partial void Rebuilding(this ILogger logger, string index, long bytes, long rows);

    [LoggerMessage(6120, LogLevel.Information, "Rebuilt index {Index} in {Took}")]
    public static partial void Rebuilt(this ILogger logger, string index, TimeSpan took);

    [LoggerMessage(6121, LogLevel.Warning, "Index {Index} could not be rebuilt")]
    public static partial void RebuildFailed(this ILogger logger, Exception exception, string index);
}
