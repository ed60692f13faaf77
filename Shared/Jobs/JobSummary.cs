namespace Platform.Jobs;

/// <summary>A job in a list.</summary>
/// <param name="Error">Why it ended badly; null otherwise.</param>
public sealed record JobSummary(
    Guid Id,
    Guid Tenant,
    string Type,
    string Queue,
    string State,
    int Attempts,
    int MaxAttempts,
    string? Lane,
    DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    string? Error);
