namespace Platform.Jobs;

/// <summary>Which jobs are looked for, newest first.</summary>
/// <param name="State">One of <see cref="JobStates"/>; null for any.</param>
/// <param name="From">Enqueued at this moment or later, to the millisecond.</param>
/// <param name="To">Enqueued before this moment.</param>
/// <param name="Before">The place after which to go on: <see cref="JobSearchResult.Next"/>.</param>
/// <param name="Limit">Jobs wanted: 1 to 50.</param>
public sealed record JobQuery(
    string? State = null,
    string? Queue = null,
    string? Type = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    Guid? Before = null,
    int Limit = 20);
