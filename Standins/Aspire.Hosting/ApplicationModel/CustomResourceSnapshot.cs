using System.Collections.Immutable;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Everything shown of one instance of a resource, at one moment.</summary>
public sealed record CustomResourceSnapshot
{
    /// <summary><c>Project</c>, <c>Executable</c>, <c>Container</c>, <c>Parameter</c> or a name of one's own.</summary>
    public required string ResourceType { get; init; }

    /// <summary>Facts shown in the details.</summary>
    public required ImmutableArray<ResourcePropertySnapshot> Properties { get; init; }

    public DateTime? CreationTimeStamp { get; init; }

    public DateTime? StartTimeStamp { get; init; }

    public DateTime? StopTimeStamp { get; init; }

    /// <summary>One of <see cref="KnownResourceStates"/> or a word of one's own.</summary>
    public ResourceStateSnapshot? State { get; init; }

    /// <summary>Of a process that has ended.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The worst of the reports; null unless the resource runs.</summary>
    public HealthStatus? HealthStatus =>
        State?.Text != KnownResourceStates.Running ? null
        : HealthReports.IsDefaultOrEmpty ? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy
        : HealthReports.Min(report => report.Status ?? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy);

    /// <summary>One a health check.</summary>
    public ImmutableArray<HealthReportSnapshot> HealthReports { get; internal init; } = [];

    /// <summary>As the process sees them.</summary>
    public ImmutableArray<EnvironmentVariableSnapshot> EnvironmentVariables { get; init; } = [];

    /// <summary>Links.</summary>
    public ImmutableArray<UrlSnapshot> Urls { get; init; } = [];

    /// <summary>Mounts.</summary>
    public ImmutableArray<VolumeSnapshot> Volumes { get; init; } = [];

    /// <summary>What can be done with the resource now.</summary>
    public ImmutableArray<ResourceCommandSnapshot> Commands { get; init; } = [];

    /// <summary>Relations to other resources.</summary>
    public ImmutableArray<RelationshipSnapshot> Relationships { get; init; } = [];

    /// <summary>Not shown.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Of the Fluent icon set.</summary>
    public string? IconName { get; init; }

    public IconVariant? IconVariant { get; init; }

    /// <summary>The handlers of ResourceReadyEvent, once it was raised.</summary>
    internal Task? ResourceReady { get; init; }

    /// <summary>It was told to stop, so that its end is no failure.</summary>
    internal bool StopRequested { get; init; }

    /// <summary>Grows with each update, so that receivers can tell old from new.</summary>
    internal long Version { get; init; }

    internal CustomResourceSnapshot WithProperty(string name, object? value, bool isSensitive = false)
    {
        var kept = Properties.RemoveAll(p => p.Name == name);
        return this with { Properties = kept.Add(new ResourcePropertySnapshot(name, value) { IsSensitive = isSensitive }) };
    }
}

/// <summary>A state and how it is coloured: <c>success</c>, <c>info</c>, <c>warning</c>, <c>error</c>, or null.</summary>
public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    /// <summary>A state without a style.</summary>
    public static implicit operator ResourceStateSnapshot?(string? text) => text is null ? null : new(text, null);
}

/// <summary>A variable; <paramref name="IsFromSpec"/> when set by the application, not inherited.</summary>
public sealed record EnvironmentVariableSnapshot(string Name, string? Value, bool IsFromSpec);

/// <summary>A link; <paramref name="Name"/> is the endpoint's, <paramref name="IsInternal"/> shows it in the details only.</summary>
public sealed record UrlSnapshot(string? Name, string Url, bool IsInternal)
{
    /// <summary>Text and order.</summary>
    public UrlDisplayPropertiesSnapshot DisplayProperties { get; init; } = new();

    /// <summary>Nobody listens there yet.</summary>
    public bool IsInactive { get; init; }
}

/// <summary>Text of a link and its order; higher comes first.</summary>
public sealed record UrlDisplayPropertiesSnapshot(string DisplayName = "", int SortOrder = 0);

/// <summary>A mount; <paramref name="MountType"/> is <c>bind</c> or <c>volume</c>.</summary>
public sealed record VolumeSnapshot(string? Source, string Target, string MountType, bool IsReadOnly);

/// <summary>A relation to the resource of that name.</summary>
public sealed record RelationshipSnapshot(string ResourceName, string Type);

/// <summary>A fact: a string, a number, or a list of strings.</summary>
public sealed record ResourcePropertySnapshot(string Name, object? Value)
{
    /// <summary>Masked until asked for.</summary>
    public bool IsSensitive { get; init; }
}

/// <summary>The result of a health check; no status before its first run.</summary>
public sealed record HealthReportSnapshot(string Name, HealthStatus? Status, string? Description, string? ExceptionText)
{
    public DateTime? LastRunAt { get; init; }
}

/// <summary>Whether a command is offered.</summary>
public enum ResourceCommandState
{
    Enabled = 0,
    Disabled = 1,
    Hidden = 2,
}

/// <summary>How an icon is drawn.</summary>
public enum IconVariant
{
    Regular = 0,
    Filled = 1,
}

/// <summary>A command as offered at one moment.</summary>
public sealed record ResourceCommandSnapshot(
    string Name, ResourceCommandState State, string DisplayName, string? DisplayDescription, object? Parameter, string? ConfirmationMessage,
    string? IconName, IconVariant? IconVariant, bool IsHighlighted);

/// <summary>States with a meaning to the host and the dashboard.</summary>
public static class KnownResourceStates
{
    public static readonly string Hidden = nameof(Hidden);
    public static readonly string Starting = nameof(Starting);
    public static readonly string Running = nameof(Running);
    public static readonly string FailedToStart = nameof(FailedToStart);
    public static readonly string Stopping = nameof(Stopping);
    public static readonly string Waiting = nameof(Waiting);
    public static readonly string NotStarted = nameof(NotStarted);
    public static readonly string Building = nameof(Building);

    /// <summary>A container that has ended.</summary>
    public static readonly string Exited = nameof(Exited);

    /// <summary>A process that has ended.</summary>
    public static readonly string Finished = nameof(Finished);

    /// <summary>The container runtime does not answer.</summary>
    public static readonly string RuntimeUnhealthy = nameof(RuntimeUnhealthy);

    /// <summary>A parameter without a value.</summary>
    public static readonly string ValueMissing = nameof(ValueMissing);

    /// <summary>Works without running anything.</summary>
    public static readonly string Active = nameof(Active);

    /// <summary>The states in which a resource has ended.</summary>
    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];
}

/// <summary>Names of properties the dashboard knows.</summary>
public static class CustomResourceKnownProperties
{
    /// <summary>What the resource is made from.</summary>
    public const string Source = "resource.source";

    /// <summary>A connection string.</summary>
    public const string ConnectionString = "resource.connectionString";
}
