namespace Platform.Jobs;

/// <summary>A process that runs jobs.</summary>
/// <param name="Name">Machine and process.</param>
/// <param name="Running">Jobs it holds.</param>
/// <param name="HeartbeatAt">When it renewed its lease last; null before the first time.</param>
/// <param name="ExpiresAt">When its jobs go to others, without another heartbeat.</param>
/// <param name="LostAt">Since when it is lost, for want of a heartbeat; null while it lives. It is listed until others have its jobs.</param>
public sealed record WorkerFigures(
    int Id, string Name, IReadOnlyList<string> Queues, long Running, DateTimeOffset RegisteredAt, DateTimeOffset? HeartbeatAt, DateTimeOffset ExpiresAt,
    DateTimeOffset? LostAt);
