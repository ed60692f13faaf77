namespace Aspire.Hosting.ApplicationModel;

/// <summary>The image of a container.</summary>
public sealed class ContainerImageAnnotation : IResourceAnnotation
{
    /// <summary>Host name of the registry.</summary>
    public string? Registry { get; set; }

    /// <summary>Name without registry and tag.</summary>
    public required string Image { get; set; }

    /// <summary>Its tag.</summary>
    public string? Tag { get; set; }

    /// <summary>Its digest, instead of a tag.</summary>
    public string? SHA256 { get; set; }

    internal string FullName =>
        (string.IsNullOrEmpty(Registry) ? Image : $"{Registry}/{Image}") + (SHA256 is not null ? $"@sha256:{SHA256}" : $":{Tag ?? "latest"}");
}

/// <summary>Kinds of mounts.</summary>
public enum ContainerMountType
{
    /// <summary>A folder or file of the host.</summary>
    BindMount = 0,

    /// <summary>A volume of the container runtime.</summary>
    Volume = 1,
}

/// <summary>A mount of a container.</summary>
public sealed class ContainerMountAnnotation(string? source, string target, ContainerMountType type, bool isReadOnly) : IResourceAnnotation
{
    /// <summary>A path of the host or a volume's name; an anonymous volume when null.</summary>
    public string? Source { get; } = source;

    /// <summary>The path inside.</summary>
    public string Target { get; } = target;

    /// <summary>What is mounted.</summary>
    public ContainerMountType Type { get; } = type;

    /// <summary>May not be written to.</summary>
    public bool IsReadOnly { get; } = isReadOnly;
}

/// <summary>How long a container lives.</summary>
public enum ContainerLifetime
{
    /// <summary>As long as the application runs.</summary>
    Session = 0,

    /// <summary>It is left running and found again at the next start.</summary>
    Persistent = 1,
}

/// <summary>How long the container lives.</summary>
public sealed class ContainerLifetimeAnnotation : IResourceAnnotation
{
    /// <summary>Session or persistent.</summary>
    public required ContainerLifetime Lifetime { get; set; }
}

/// <summary>The container's name in the runtime.</summary>
public sealed class ContainerNameAnnotation : IResourceAnnotation
{
    /// <summary>As given.</summary>
    public required string Name { get; set; }
}

/// <summary>Another name on the container network.</summary>
public sealed class ContainerNetworkAliasAnnotation(string alias) : IResourceAnnotation
{
    /// <summary>The name.</summary>
    public string Alias { get; } = alias;
}

/// <summary>When an image is pulled.</summary>
public enum ImagePullPolicy
{
    /// <summary>As the runtime decides.</summary>
    Default = 0,

    /// <summary>At each start.</summary>
    Always = 1,

    /// <summary>When it isn't there.</summary>
    Missing = 2,

    /// <summary>Never.</summary>
    Never = 3,
}

/// <summary>When the image is pulled.</summary>
public sealed class ContainerImagePullPolicyAnnotation : IResourceAnnotation
{
    /// <summary>The policy.</summary>
    public required ImagePullPolicy ImagePullPolicy { get; set; }
}

/// <summary>Given to callbacks that add arguments for the container runtime.</summary>
public sealed class ContainerRuntimeArgsCallbackContext(IList<object> args, CancellationToken cancellationToken = default)
{
    /// <summary>The arguments so far.</summary>
    public IList<object> Args { get; } = args;

    /// <summary>Ends with the start.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;
}

/// <summary>Adds arguments for the container runtime.</summary>
public sealed class ContainerRuntimeArgsCallbackAnnotation(Func<ContainerRuntimeArgsCallbackContext, Task> callback) : IResourceAnnotation
{
    /// <summary>Adds to the context's arguments.</summary>
    public Func<ContainerRuntimeArgsCallbackContext, Task> Callback { get; } = callback;
}

/// <summary>The container's image is built from a Dockerfile.</summary>
public class DockerfileBuildAnnotation(string contextPath, string dockerfilePath, string? stage) : IResourceAnnotation
{
    /// <summary>The build context, absolute.</summary>
    public string ContextPath { get; } = contextPath;

    /// <summary>The Dockerfile, absolute.</summary>
    public string DockerfilePath { get; } = dockerfilePath;

    /// <summary>The stage to stop at.</summary>
    public string? Stage { get; } = stage;

    /// <summary>Strings, parameters or other values.</summary>
    public Dictionary<string, object?> BuildArguments { get; } = [];
}
