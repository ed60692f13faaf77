namespace Platform.Jobs;

/// <summary>What one job may set apart from its type's defaults.</summary>
public sealed record JobOptions
{
    internal static readonly JobOptions Default = new();

    /// <summary>Overrides the type's priority: among the jobs of one tenant and queue, smaller runs first; 0 to 100.</summary>
    public int? Priority { get; init; }

    /// <summary>How long to wait before the job may run, by the database's clock.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Jobs of one tenant and lane run one at a time, in order of commit; null for none. At most 200 characters.</summary>
    public string? Lane { get; init; }

    /// <summary>
    /// While an unfinished job of the tenant and type has this key, enqueueing again gives that job's id. At most 200 characters.
    /// </summary>
    public string? UniqueKey { get; init; }

    /// <summary>
    /// Ended states in which a job still holds its unique key, as long as it is kept: any of <see cref="JobStates.Succeeded"/>,
    /// <see cref="JobStates.Failed"/>, <see cref="JobStates.Dead"/> and <see cref="JobStates.Cancelled"/>. None by default, so that a key is
    /// free when its job has ended.
    /// </summary>
    public IReadOnlyList<string> UniqueStates { get; init; } = [];

    /// <summary>Overrides the type's queue.</summary>
    public string? Queue { get; init; }

    /// <summary>Overrides the type's attempts.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>Overrides the type's timeout of one attempt; whole seconds.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Overrides the type's retention.</summary>
    public int? RetentionDays { get; init; }
}
