namespace Aspire.Hosting.ApplicationModel;

/// <summary>The image of a container; a digest takes the place of a tag.</summary>
public sealed class ContainerImageAnnotation : IResourceAnnotation
{
    public string? Registry { get; set; }

    public required string Image { get; set; }

    public string? Tag { get; set; }

    public string? SHA256 { get; set; }

    internal string FullName =>
        (string.IsNullOrEmpty(Registry) ? Image : $"{Registry}/{Image}") 
        + (SHA256 is not null ? $"@sha256:{SHA256}" : $":{Tag ?? "latest"}");
}

/// <summary>A mount; the source is a path of the host or a volume's name, null for an anonymous volume.</summary>
public sealed class ContainerMountAnnotation(string? source, string target, ContainerMountType type, bool isReadOnly) : IResourceAnnotation
{
    public string? Source { get; } = source;

    public string Target { get; } = target;

    public ContainerMountType Type { get; } = type;

    public bool IsReadOnly { get; } = isReadOnly;
}

/// <summary>Kinds of mounts.</summary>
public enum ContainerMountType
{
    BindMount = 0,
    Volume = 1,
}

/// <summary>How long the container lives.</summary>
public sealed class ContainerLifetimeAnnotation : IResourceAnnotation
{
    public required ContainerLifetime Lifetime { get; set; }
}

/// <summary>How long a container lives.</summary>
public enum ContainerLifetime
{
    /// <summary>As long as the application runs.</summary>
    Session = 0,

    /// <summary>It is left running and found again at the next start.</summary>
    Persistent = 1,
}

/// <summary>The container's name in the runtime.</summary>
public sealed class ContainerNameAnnotation : IResourceAnnotation
{
    public required string Name { get; set; }
}

/// <summary>Another name on the container network.</summary>
public sealed record ContainerNetworkAliasAnnotation(string Alias) : IResourceAnnotation;

/// <summary>When the image is pulled.</summary>
public sealed class ContainerImagePullPolicyAnnotation : IResourceAnnotation
{
    public required ImagePullPolicy ImagePullPolicy { get; set; }
}

/// <summary>When an image is pulled; <c>Default</c> leaves it to the runtime.</summary>
public enum ImagePullPolicy
{
    Default = 0,
    Always = 1,
    Missing = 2,
    Never = 3,
}

/// <summary>Adds arguments for the container runtime.</summary>
public sealed record ContainerRuntimeArgsCallbackAnnotation(Func<ContainerRuntimeArgsCallbackContext, Task> Callback) : IResourceAnnotation;

/// <summary>Given to callbacks that add arguments for the container runtime.</summary>
public sealed record ContainerRuntimeArgsCallbackContext(IList<object> Args, CancellationToken CancellationToken = default);

/// <summary>The container's image is built from a Dockerfile; both paths are absolute.</summary>
public sealed class DockerfileBuildAnnotation(string contextPath, string dockerfilePath, string? stage) : IResourceAnnotation
{
    public string ContextPath { get; } = contextPath;

    public string DockerfilePath { get; } = dockerfilePath;

    public string? Stage { get; } = stage;

    /// <summary>Strings, parameters or other values.</summary>
    public Dictionary<string, object?> BuildArguments { get; } = [];
}
