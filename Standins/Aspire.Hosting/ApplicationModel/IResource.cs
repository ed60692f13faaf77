namespace Aspire.Hosting.ApplicationModel;

/// <summary>A part of the distributed application: a project, an executable, a container, a parameter, a database.</summary>
public interface IResource
{
    /// <summary>Unique in the application, case-insensitively; letters, digits and hyphens.</summary>
    string Name { get; }

    /// <summary>Everything known about the resource besides its name.</summary>
    ResourceAnnotationCollection Annotations { get; }
}

/// <summary>Can be given environment variables.</summary>
public interface IResourceWithEnvironment : IResource;

/// <summary>Can be given command line arguments.</summary>
public interface IResourceWithArgs : IResource;

/// <summary>Has network endpoints.</summary>
public interface IResourceWithEndpoints : IResource;

/// <summary>Can wait for other resources before it starts.</summary>
public interface IResourceWithWaitSupport : IResource;

/// <summary>Has nothing to start or stop, such as a parameter; nobody waits for it to run.</summary>
public interface IResourceWithoutLifetime : IResource;

/// <summary>Runs as a process or a container somewhere.</summary>
public interface IComputeResource : IResource;

/// <summary>Belongs to another resource and shares its fate, as a database does with its server.</summary>
public interface IResourceWithParent : IResource
{
    /// <summary>The owner.</summary>
    IResource Parent { get; }
}

/// <inheritdoc cref="IResourceWithParent"/>
public interface IResourceWithParent<out T> : IResourceWithParent where T : IResource
{
    /// <summary>The owner.</summary>
    new T Parent { get; }

    IResource IResourceWithParent.Parent => Parent;
}

/// <summary>Anything attached to a resource.</summary>
public interface IResourceAnnotation;

/// <summary>What happens to annotations of the same type when one is added.</summary>
public enum ResourceAnnotationMutationBehavior
{
    /// <summary>They stay.</summary>
    Append = 0,

    /// <summary>They go.</summary>
    Replace = 1,
}
