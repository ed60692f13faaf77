namespace Platform.Jobs;

/// <summary>Names a payload's job type and its defaults; <see cref="JobOptions"/> overrides them for one job.</summary>
/// <param name="type">The stored name, stable over renames of the class: <c>contacts.import</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class JobAttribute(string type) : Attribute
{
    public string Type { get; } = type;

    /// <summary>One of <see cref="JobQueues"/>.</summary>
    public string Queue { get; init; } = JobQueues.Maintenance;

    /// <summary>Among the jobs of one tenant and queue, smaller runs first; 0 to 100.</summary>
    public int Priority { get; init; } = 50;

    /// <summary>Attempts before the job is dead, the first one included.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>Seconds one attempt may take.</summary>
    public int TimeoutSeconds { get; init; } = 600;

    /// <summary>
    /// Seconds between the first attempt and the second; each further wait is twice as long, up to an hour, give or take a quarter.
    /// </summary>
    public double BackoffSeconds { get; init; } = 2;

    /// <summary>Days a finished job can still be looked up.</summary>
    public int RetentionDays { get; init; } = 7;

    /// <summary>True when a dead job holds its lane until somebody retries or discards it; else the lane goes on without it.</summary>
    public bool BlocksLane { get; init; }

    /// <summary>
    /// A <see cref="System.Text.Json.Serialization.JsonSerializerContext"/> generated for the payload, and for the result if it knows that
    /// too; without one both are written and read by reflection.
    /// </summary>
    public Type? Json { get; init; }
}
