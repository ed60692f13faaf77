namespace Platform.Jobs;

/// <summary>How a batch stands.</summary>
/// <param name="CompletionId">The job that runs when all members have ended.</param>
/// <param name="Total">Members.</param>
/// <param name="Open">Members that haven't ended.</param>
/// <param name="Dead">Members that died, discarded ones included.</param>
/// <param name="CancelledAt">When somebody wanted it cancelled.</param>
/// <param name="FinishedAt">When the last member ended; null while any is open.</param>
public sealed record JobBatch(
    Guid Id,
    Guid CompletionId,
    int Total,
    int Open,
    int Succeeded,
    int Dead,
    int Cancelled,
    DateTimeOffset CreatedAt,
    DateTimeOffset? CancelledAt,
    DateTimeOffset? FinishedAt);
