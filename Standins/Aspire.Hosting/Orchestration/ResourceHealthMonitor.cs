using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration;

/// <summary>
/// Runs the health checks of running instances, raises the events that follow from their state, and lets children such as
/// databases share their parents' state.
/// </summary>
internal sealed class ResourceHealthMonitor(
    DistributedApplicationModel model, ResourceNotificationService notifications, ResourceLoggerService loggers, HealthCheckService checks,
    IDistributedApplicationEventing eventing, IServiceProvider services)
{
    private static readonly TimeSpan HealthyInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// A program that starts is looked at often, so that those that wait for it lose no time; one that stays unhealthy less and less.
    /// </summary>
    private const int EagerRetries = 100;

    public void Start(CancellationToken cancellationToken) => _ = Task.Run(() => WatchAsync(cancellationToken), CancellationToken.None);

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var monitors = new Dictionary<string, CancellationTokenSource>(StringComparer.OrdinalIgnoreCase);
        var ended = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        try
        {
            await foreach (var change in notifications.WatchAsync(cancellationToken))
            {
                var state = change.Snapshot.State?.Text;
                await MirrorToChildrenAsync(change);
                if (state == KnownResourceStates.Running)
                {
                    ended.Remove(change.ResourceId);
                    if (monitors.ContainsKey(change.ResourceId))
                        continue;
                    var running = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                    monitors[change.ResourceId] = running;
                    _ = MonitorAsync(change.Resource, change.ResourceId, running.Token);
                }
                else
                {
                    if (monitors.Remove(change.ResourceId, out var running))
                        await running.CancelAsync();
                    if (state is not null && KnownResourceStates.TerminalStates.Contains(state))
                    {
                        if (ended.Add(change.ResourceId))
                            _ = RaiseAsync(change.Resource, new ResourceStoppedEvent(change.Resource, services, change), cancellationToken);
                    }
                    else
                    {
                        ended.Remove(change.ResourceId);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
    }

    /// <summary>A child that is nothing by itself lives and dies with its parent.</summary>
    private async Task MirrorToChildrenAsync(ResourceEvent change)
    {
        foreach (var child in model.Resources.OfType<IResourceWithParent>()
            .Where(c => c.Parent == change.Resource && !Dcp.DcpExecutor.CanRun(c)))
        {
            await notifications.PublishUpdateAsync(child, s => s with
            {
                State = change.Snapshot.State,
                StartTimeStamp = change.Snapshot.StartTimeStamp,
                StopTimeStamp = change.Snapshot.StopTimeStamp,
                ResourceReady = change.Snapshot.State?.Text == KnownResourceStates.Running ? s.ResourceReady : null,
            });
        }
    }

    private async Task MonitorAsync(IResource resource, string instance, CancellationToken cancellationToken)
    {
        var keys = resource.Annotations.OfType<HealthCheckAnnotation>().Select(h => h.Key).ToHashSet(StringComparer.Ordinal);
        var ready = false;
        var failures = 0;
        try
        {
            // A parent's subscribers, such as the one that creates a database, are done before its children are looked at.
            if (resource is IResourceWithParent { Parent: var parent })
            {
                await foreach (var change in notifications.WatchAsync(cancellationToken))
                {
                    if (change.Resource == parent && change.Snapshot.ResourceReady is { } parentReady)
                    {
                        await parentReady.WaitAsync(cancellationToken);
                        break;
                    }
                }
            }

            while (true)
            {
                var healthy = keys.Count == 0 || await CheckAsync(resource, instance, keys, cancellationToken);
                failures = healthy ? 0 : failures + 1;
                if (healthy && !ready)
                {
                    ready = true;
                    var handled = RaiseAsync(resource, new ResourceReadyEvent(resource, services), cancellationToken);
                    await notifications.PublishUpdateAsync(resource, instance, s => s with { ResourceReady = handled });
                }

                if (keys.Count == 0)
                    return;
                var delay = healthy ? HealthyInterval
                    : failures <= EagerRetries ? ShortestRetry
                    : TimeSpan.FromSeconds(Math.Min(failures - EagerRetries, LongestRetry.TotalSeconds));
                await Task.Delay(delay, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // It runs no more.
        }
    }

    private async Task<bool> CheckAsync(IResource resource, string instance, HashSet<string> keys, CancellationToken cancellationToken)
    {
        var report = await checks.CheckHealthAsync(check => keys.Contains(check.Name), cancellationToken);
        var now = DateTime.UtcNow;
        ImmutableArray<HealthReportSnapshot> reports =
        [
            .. keys.Select(key => report.Entries.TryGetValue(key, out var entry)
                ? new HealthReportSnapshot(key, entry.Status, entry.Description, entry.Exception?.ToString()) { LastRunAt = now }
                : new HealthReportSnapshot(
                    key, HealthStatus.Unhealthy, "There is no health check of that name.", null) { LastRunAt = now }),
        ];
        cancellationToken.ThrowIfCancellationRequested();
        await notifications.PublishUpdateAsync(resource, instance, s => s with { HealthReports = reports });
        return reports.All(r => r.Status == HealthStatus.Healthy);
    }

    private async Task RaiseAsync<T>(IResource resource, T @event, CancellationToken cancellationToken)
        where T : IDistributedApplicationResourceEvent
    {
        try
        {
            await eventing.PublishAsync(@event, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            loggers.GetLogger(resource).HandlerFailed(typeof(T).Name, exception);
            throw;
        }
    }
}
