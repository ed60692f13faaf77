namespace Platform.Jobs.Schedules;

/// <summary>A run of a schedule.</summary>
/// <param name="DueAt">When it was due; a schedule has one run for each.</param>
/// <param name="EnqueuedAt">When its job was enqueued, later than that if the run was missed.</param>
public sealed record JobScheduleRun(DateTimeOffset DueAt, Guid JobId, DateTimeOffset EnqueuedAt);
