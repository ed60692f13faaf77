using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The application is complete and about to run or to be published.</summary>
public sealed record BeforeStartEvent(IServiceProvider Services, DistributedApplicationModel Model) : IDistributedApplicationEvent;

/// <summary>Everything that starts with the application has been started.</summary>
public sealed record AfterResourcesCreatedEvent(
    IServiceProvider Services, DistributedApplicationModel Model) : IDistributedApplicationEvent;

/// <summary>The first event of each resource, once; a resource with a life of its own starts it here.</summary>
public sealed class InitializeResourceEvent(
    IResource resource, IDistributedApplicationEventing distributedApplicationEventing, ResourceLoggerService resourceLoggerService,
    ResourceNotificationService resourceNotificationService, IServiceProvider services) : IDistributedApplicationResourceEvent
{
    public IResource Resource { get; } = resource;

    public IDistributedApplicationEventing Eventing { get; } = distributedApplicationEventing;

    /// <summary>Writes to the resource's log.</summary>
    public ILogger Logger { get; } = resourceLoggerService.GetLogger(resource);

    /// <summary>Publishes the resource's state.</summary>
    public ResourceNotificationService Notifications { get; } = resourceNotificationService;

    public IServiceProvider Services { get; } = services;
}

/// <summary>The resource's endpoints have addresses.</summary>
public sealed record ResourceEndpointsAllocatedEvent(IResource Resource, IServiceProvider Services) : IDistributedApplicationResourceEvent;

/// <summary>The resource's connection string can be had.</summary>
public sealed record ConnectionStringAvailableEvent(IResource Resource, IServiceProvider Services) : IDistributedApplicationResourceEvent;

/// <summary>The resource is about to start; it does not before all subscribers are done.</summary>
public sealed record BeforeResourceStartedEvent(IResource Resource, IServiceProvider Services) : IDistributedApplicationResourceEvent;

/// <summary>
/// The resource runs and is healthy for the first time since it started; those that wait for it do so until all subscribers are done.
/// </summary>
public sealed record ResourceReadyEvent(IResource Resource, IServiceProvider Services) : IDistributedApplicationResourceEvent;

/// <summary>An instance of the resource has ended; the event holds its last state.</summary>
public sealed record ResourceStoppedEvent(
    IResource Resource, IServiceProvider Services, ResourceEvent ResourceEvent) : IDistributedApplicationResourceEvent;
