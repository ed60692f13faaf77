namespace Platform.Jobs;

/// <summary>How a queue stands, for one tenant or for all.</summary>
/// <param name="Waiting">Jobs that could run now; counted to 100,000 together with the running ones.</param>
/// <param name="Scheduled">Jobs that wait for their time, first ones and retries; counted to 100,000.</param>
/// <param name="OldestSeconds">How long the longest waiting of them has, in seconds; 0 when none waits.</param>
/// <param name="PausedAt">Since when nothing is claimed; null while it is.</param>
/// <param name="PausedForAll">Whether it is paused for all tenants, by an operator.</param>
public sealed record QueueFigures(
    string Name, long Waiting, long Running, long Scheduled, double OldestSeconds, DateTimeOffset? PausedAt, bool PausedForAll)
{
    /// <summary>Jobs that wait behind another of their lane; counted to 100,000.</summary>
    public long InLanes { get; init; }

    /// <summary>Lanes that stand still until somebody looks at their dead head.</summary>
    public long BlockedLanes { get; init; }

    /// <summary>Its rate limits: all tenants' first, then the tenant's own, or for operators those of up to 50 tenants.</summary>
    public IReadOnlyList<QueueLimit> Limits { get; init; } = [];
}
