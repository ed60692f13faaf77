namespace Platform.Jobs;

/// <summary>Names a payload's job type and its defaults; <see cref="JobOptions"/> overrides them for one job.</summary>
/// <param name="type">The stored name, stable over renames of the class: <c>contacts.import</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class JobAttribute(string type) : Attribute
{
    public string Type { get; } = type;

    /// <summary>One of <see cref="JobQueues"/>.</summary>
    public string Queue { get; init; } = JobQueues.Maintenance;

    /// <summary>Attempts before the job is dead, the first one included.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>Seconds one attempt may take.</summary>
    public int TimeoutSeconds { get; init; } = 600;
}
