using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource's instance and its state.</summary>
public class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    /// <summary>The resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>The instance's name; the resource's own if it has no instances.</summary>
    public string ResourceId { get; } = resourceId;

    /// <summary>The state.</summary>
    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}

/// <summary>Keeps the state of all resources, tells who watches, and waits.</summary>
public partial class ResourceNotificationService : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ResourceEvent> _current = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Channel<ResourceEvent>> _watchers = [];
    private readonly CancellationTokenSource _disposing = new();
    private readonly ILogger<ResourceNotificationService> _logger;
    private readonly ResourceLoggerService _loggers;
    private readonly IServiceProvider _services;

    internal ResourceNotificationService(
        ILogger<ResourceNotificationService> logger, IServiceProvider services, ResourceLoggerService loggers,
            WaitBehavior defaultWaitBehavior)
    {
        _logger = logger;
        _services = services;
        _loggers = loggers;
        DefaultWaitBehavior = defaultWaitBehavior;
    }

    internal WaitBehavior DefaultWaitBehavior { get; }

    /// <summary>The latest state of an instance.</summary>
    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (_lock)
            return _current.TryGetValue(resourceId, out resourceEvent);
    }

    /// <summary>The state of all instances, then every change.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        var channel = Channel.CreateUnbounded<ResourceEvent>(new() { SingleReader = true });
        lock (_lock)
        {
            foreach (var current in _current.Values)
                channel.Writer.TryWrite(current);
            _watchers.Add(channel);
        }

        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(ending.Token))
                yield return change;
        }
        finally
        {
            lock (_lock)
                _watchers.Remove(channel);
        }
    }

    /// <summary>Changes the state of one instance.</summary>
    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_lock)
        {
            var previous = _current.TryGetValue(resourceId, out var known) ? known.Snapshot : InitialSnapshot(resource);
            var next = stateFactory(previous);
            if (known is not null && next == previous)
                return Task.CompletedTask;

            next = next with { Version = previous.Version + 1, Commands = CurrentCommands(resource, next) };
            var change = new ResourceEvent(resource, resourceId, next);
            _current[resourceId] = change;
            foreach (var watcher in _watchers)
                watcher.Writer.TryWrite(change);

            if (next.State?.Text != previous.State?.Text)
                LogStateChanged(resourceId, previous.State?.Text, next.State?.Text);
        }

        return Task.CompletedTask;
    }

    /// <summary>Changes the state of all instances of a resource.</summary>
    public async Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        foreach (var name in InstanceNames(resource))
            await PublishUpdateAsync(resource, name, stateFactory);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposing.Cancel();
        GC.SuppressFinalize(this);
    }

    internal static IReadOnlyList<string> InstanceNames(IResource resource) =>
        resource.TryGetLastAnnotation(out InstancesAnnotation? instances) ? instances.Names : [resource.Name];

    internal ResourceEvent? FindInstance(string resourceId) => TryGetCurrentState(resourceId, out var found) ? found : null;

    /// <summary>The instances of the resource of that name.</summary>
    internal IReadOnlyList<ResourceEvent> FindInstances(string resourceName)
    {
        lock (_lock)
            return [.. _current.Values.Where(e => string.Equals(e.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase))];
    }

    internal IReadOnlyList<ResourceEvent> Snapshot()
    {
        lock (_lock)
            return [.. _current.Values];
    }

    private static CustomResourceSnapshot InitialSnapshot(IResource resource)
    {
        var initial = resource.TryGetLastAnnotation(out ResourceSnapshotAnnotation? given)
            ? given.InitialSnapshot
            : new CustomResourceSnapshot
            {
                ResourceType = resource switch
                {
                    ProjectResource => "Project",
                    ParameterResource => "Parameter",
                    ConnectionStringResource => "ConnectionString",
                    _ when resource.IsContainer() => "Container",
                    ExecutableResource => "Executable",
                    _ => resource.GetType().Name,
                },
                Properties = [],
                CreationTimeStamp = DateTime.UtcNow,
            };
        var relationships = resource.Annotations.OfType<ResourceRelationshipAnnotation>()
            .Select(r => new RelationshipSnapshot(r.Resource.Name, r.Type));
        if (resource is IResourceWithParent child)
            relationships = relationships.Append(new RelationshipSnapshot(child.Parent.Name, KnownRelationshipTypes.Parent));
        var icon = resource.TryGetLastAnnotation(out ResourceIconAnnotation? chosen) ? chosen : null;
        return initial with
        {
            Relationships = [.. initial.Relationships, .. relationships.Distinct()],
            IconName = icon?.IconName ?? initial.IconName,
            IconVariant = icon?.IconVariant ?? initial.IconVariant,
            HealthReports =
                [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(h => new HealthReportSnapshot(h.Key, null, null, null))],
        };
    }

    private ImmutableArray<ResourceCommandSnapshot> CurrentCommands(IResource resource, CustomResourceSnapshot snapshot) =>
    [
        .. resource.Annotations.OfType<ResourceCommandAnnotation>().Select(command => new ResourceCommandSnapshot(
            command.Name,
            command.UpdateState(new UpdateCommandStateContext { ResourceSnapshot = snapshot, ServiceProvider = _services }),
            command.DisplayName, command.DisplayDescription, command.Parameter, command.ConfirmationMessage, command.IconName,
            command.IconVariant, command.IsHighlighted)),
    ];

    [LoggerMessage(1, LogLevel.Debug, "Resource {ResourceId}: {From} -> {To}")]
    private partial void LogStateChanged(string resourceId, string? from, string? to);
}

internal static class KnownRelationshipTypes
{
    public const string Parent = "Parent";
    public const string Reference = "Reference";
    public const string WaitFor = "WaitFor";
}
