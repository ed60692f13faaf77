using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>How many instances run.</summary>
public class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
{
    /// <summary>At least 1.</summary>
    public int Replicas { get; } = replicas;
}

/// <summary>Sets environment variables when the resource starts.</summary>
public class EnvironmentCallbackAnnotation(Func<EnvironmentCallbackContext, Task> callback) : IResourceAnnotation
{
    /// <summary>Adds to the context's variables.</summary>
    public Func<EnvironmentCallbackContext, Task> Callback { get; } = callback;
}

/// <summary>Sets command line arguments when the resource starts.</summary>
public class CommandLineArgsCallbackAnnotation(Func<CommandLineArgsCallbackContext, Task> callback) : IResourceAnnotation
{
    /// <summary>Adds to the context's arguments.</summary>
    public Func<CommandLineArgsCallbackContext, Task> Callback { get; } = callback;
}

/// <summary>Changes the URLs shown for the resource.</summary>
public class ResourceUrlsCallbackAnnotation(Func<ResourceUrlsCallbackContext, Task> callback) : IResourceAnnotation
{
    /// <summary>Edits the context's URLs.</summary>
    public Func<ResourceUrlsCallbackContext, Task> Callback { get; } = callback;
}

/// <summary>Where a URL is shown.</summary>
public enum UrlDisplayLocation
{
    /// <summary>Everywhere.</summary>
    SummaryAndDetails = 0,

    /// <summary>In the details only.</summary>
    DetailsOnly = 1,
}

/// <summary>A URL shown for the resource.</summary>
public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    /// <summary>Absolute, or relative to the endpoint.</summary>
    public required string Url { get; set; }

    /// <summary>Shown instead of the URL.</summary>
    public string? DisplayText { get; set; }

    /// <summary>The endpoint it belongs to.</summary>
    public EndpointReference? Endpoint { get; init; }

    /// <summary>Higher comes first.</summary>
    public int? DisplayOrder { get; set; }

    /// <summary>Where it is shown.</summary>
    public UrlDisplayLocation DisplayLocation { get; set; }
}

/// <summary>A health check, by the name it is registered under.</summary>
[DebuggerDisplay("{Key,nq}")]
public class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    /// <summary>The registration's name.</summary>
    public string Key { get; } = key;
}

/// <summary>What is waited for.</summary>
public enum WaitType
{
    /// <summary>Running and healthy.</summary>
    WaitUntilHealthy = 0,

    /// <summary>Ended with the expected exit code.</summary>
    WaitForCompletion = 1,

    /// <summary>Running.</summary>
    WaitUntilStarted = 2,
}

/// <summary>What to do when the awaited resource fails.</summary>
public enum WaitBehavior
{
    /// <summary>Go on waiting: somebody may start it again.</summary>
    WaitOnResourceUnavailable = 0,

    /// <summary>Fail.</summary>
    StopOnResourceUnavailable = 1,
}

/// <summary>The resource does not start before another is ready.</summary>
public class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
{
    /// <summary>The awaited resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>What is waited for.</summary>
    public WaitType WaitType { get; } = waitType;

    /// <summary>What to do when the awaited resource fails; the application's default when null.</summary>
    public WaitBehavior? WaitBehavior { get; set; }

    /// <summary>The exit code that counts as completion.</summary>
    public int ExitCode { get; } = exitCode;
}

/// <summary>A relation to another resource, shown in the dashboard.</summary>
public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    /// <summary>The other resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary><c>Reference</c>, <c>WaitFor</c>, <c>Parent</c> or a word of one's own.</summary>
    public string Type { get; } = type;
}

/// <summary>Not started with the application, only by command.</summary>
public class ExplicitStartupAnnotation : IResourceAnnotation;

/// <summary>The state a resource starts with.</summary>
public sealed class ResourceSnapshotAnnotation(CustomResourceSnapshot initialSnapshot) : IResourceAnnotation
{
    /// <summary>The first snapshot.</summary>
    public CustomResourceSnapshot InitialSnapshot { get; } = initialSnapshot;
}

/// <summary>The icon shown in the dashboard.</summary>
public sealed class ResourceIconAnnotation(string iconName, IconVariant iconVariant = IconVariant.Filled) : IResourceAnnotation
{
    /// <summary>Of the Fluent icon set.</summary>
    public string IconName { get; } = iconName;

    /// <summary>Filled or outlined.</summary>
    public IconVariant IconVariant { get; } = iconVariant;
}

/// <summary>Sends telemetry to the dashboard.</summary>
public class OtlpExporterAnnotation : IResourceAnnotation
{
    /// <summary>Asked for by the resource; any when null.</summary>
    public OtlpProtocol? RequiredProtocol { get; init; }
}

/// <summary>Whether the orchestrator may put a proxy before the endpoints.</summary>
public class ProxySupportAnnotation : IResourceAnnotation
{
    /// <summary>It may.</summary>
    public bool ProxyEnabled { get; set; }
}

/// <summary>A property of the connection string, replacing or adding to the resource's own.</summary>
internal sealed class ConnectionPropertyAnnotation(string name, ReferenceExpression value) : IResourceAnnotation
{
    public string Name { get; } = name;

    public ReferenceExpression Value { get; } = value;
}

/// <summary>The names of the running instances of a resource.</summary>
internal sealed class InstancesAnnotation(IReadOnlyList<string> names) : IResourceAnnotation
{
    public IReadOnlyList<string> Names { get; } = names;
}
