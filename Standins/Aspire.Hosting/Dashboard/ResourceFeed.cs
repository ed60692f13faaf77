using System.Runtime.CompilerServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Protocol;
using ProtocolResource = Aspire.Hosting.Dashboard.Protocol.Resource;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// The latest state of every resource, and its changes for any number of watchers. A watcher that is slower than the changes
/// gets the newest state of each resource, not every step to it, so what waits for it never grows past one entry a resource.
/// </summary>
internal sealed class ResourceFeed(ResourceNotificationService notifications)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ProtocolResource> _current = new(StringComparer.Ordinal);
    private readonly HashSet<Watcher> _watchers = [];

    /// <summary>Follows the notifications until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(cancellationToken)) Publish(ResourceMapper.Map(change));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Everything there is, then batches of changes.</summary>
    public async IAsyncEnumerable<WatchResourcesUpdate> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var watcher = new Watcher();
        var initial = new InitialResourceData();
        lock (_gate)
        {
            initial.Resources.Add(_current.Values);
            _watchers.Add(watcher);
        }
        try
        {
            yield return new WatchResourcesUpdate { InitialData = initial };
            while (true)
            {
                await watcher.Signal.WaitAsync(cancellationToken);
                var changes = new WatchResourcesChanges();
                lock (_gate)
                {
                    changes.Value.Add(watcher.Pending.Values.Select(resource => new WatchResourcesChange { Upsert = resource }));
                    watcher.Pending.Clear();
                }
                yield return new WatchResourcesUpdate { Changes = changes };
            }
        }
        finally
        {
            lock (_gate) _watchers.Remove(watcher);
        }
    }

    private void Publish(ProtocolResource resource)
    {
        lock (_gate)
        {
            _current[resource.Name] = resource;
            foreach (var watcher in _watchers)
            {
                if (watcher.Pending.Count == 0) watcher.Signal.Release();
                watcher.Pending[resource.Name] = resource;
            }
        }
    }

    private sealed class Watcher
    {
        public Dictionary<string, ProtocolResource> Pending { get; } = new(StringComparer.Ordinal);

        /// <summary>Released when <see cref="Pending"/> stops being empty.</summary>
        public SemaphoreSlim Signal { get; } = new(0);
    }
}
