using System.Collections.ObjectModel;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>All resources of an application.</summary>
public interface IResourceCollection : IList<IResource>;

internal sealed class ResourceCollection : Collection<IResource>, IResourceCollection
{
    public ResourceCollection()
    {
    }

    public ResourceCollection(IEnumerable<IResource> resources) : base([.. resources])
    {
    }
}

/// <summary>The application as built: what runs, or what is published.</summary>
public class DistributedApplicationModel(IResourceCollection resources)
{
    /// <summary>A model of its own collection.</summary>
    public DistributedApplicationModel(IEnumerable<IResource> resources) : this(new ResourceCollection(resources))
    {
    }

    /// <summary>All resources, in the order they were added.</summary>
    public IResourceCollection Resources { get; } = resources;
}
