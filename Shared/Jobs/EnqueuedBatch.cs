namespace Platform.Jobs;

/// <summary>A batch just enqueued.</summary>
/// <param name="Members">Ids of its jobs, in the order of their payloads.</param>
/// <param name="CompletionId">The job that runs when all members have ended.</param>
public sealed record EnqueuedBatch(Guid Id, IReadOnlyList<Guid> Members, Guid CompletionId);
