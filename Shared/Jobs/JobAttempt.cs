namespace Platform.Jobs;

/// <summary>One attempt of a job.</summary>
/// <param name="Outcome">failed, running, succeeded or cancelled.</param>
/// <param name="Worker">The worker's number; null when it was lost, or wasn't recorded.</param>
/// <param name="Error">What the tenant may read.</param>
/// <param name="Detail">The exception; for operators.</param>
public sealed record JobAttempt(
    int Attempt, string Outcome, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, int? Worker, string? Error, string? Detail);
