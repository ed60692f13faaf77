namespace Platform.Jobs;

/// <summary>A job with all that is known of it.</summary>
/// <param name="RunAt">When it may run; null when it has ended or waits for a batch.</param>
/// <param name="LaneBlocked">Whether its lane waits for somebody to look at a dead job.</param>
/// <param name="Payload">JSON. Not for everybody's eyes.</param>
/// <param name="Attempts">Newest first, at most 200.</param>
public sealed record JobDetail(
    JobStatus Status,
    int Priority,
    string? Lane,
    bool LaneBlocked,
    string? UniqueKey,
    Guid? BatchId,
    DateTimeOffset? RunAt,
    int TimeoutSeconds,
    string? TraceParent,
    string Payload,
    IReadOnlyList<JobAttempt> Attempts);
