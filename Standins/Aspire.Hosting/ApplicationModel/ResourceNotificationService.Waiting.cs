using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

public partial class ResourceNotificationService
{
    /// <summary>How often somebody who waits in vain says so.</summary>
    internal TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Waits until an instance of the resource is in a state; <c>Running</c> when not given.</summary>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    /// <summary>Waits until an instance of the resource is in one of the states, and says which.</summary>
    public async Task<string> WaitForResourceAsync(
        string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var states = targetStates.ToHashSet(StringComparer.Ordinal);
        var reached = await WaitForResourceAsync(
            resourceName, e => e.Snapshot.State is { } state && states.Contains(state.Text), cancellationToken);
        return reached.Snapshot.State!.Text;
    }

    /// <summary>Waits until an instance of the resource satisfies a condition.</summary>
    /// <exception cref="OperationCanceledException">It did not in time; the message tells how all resources are.</exception>
    public Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default) =>
        ExplainFailureAsync(resourceName, () => WatchUntilAsync(IsNamed(resourceName), predicate, cancellationToken), cancellationToken);

    /// <summary>Waits until the resource is healthy and its <see cref="ResourceReadyEvent"/> handled.</summary>
    /// <exception cref="OperationCanceledException">It was not in time; the message tells how all resources are.</exception>
    /// <exception cref="DistributedApplicationException">It has failed; the message tells how all resources are.</exception>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, DefaultWaitBehavior, cancellationToken);

    /// <inheritdoc cref="WaitForResourceHealthyAsync(string, CancellationToken)"/>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(
        string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default) =>
        ExplainFailureAsync(
            resourceName, () => WaitUntilReadyAsync(IsNamed(resourceName), waitBehavior, cancellationToken), cancellationToken);

    /// <summary>Waits for everything the resource was told to wait for.</summary>
    /// <exception cref="DistributedApplicationException">Something awaited has failed.</exception>
    public async Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
    {
        if (!resource.TryGetAnnotationsOfType<WaitAnnotation>(out var waits))
            return;

        var logger = _loggers.GetLogger(resource);
        var pending = waits.Where(w => w.Resource is not IResourceWithoutLifetime).DistinctBy(w => (w.Resource, w.WaitType)).ToList();
        await PublishWaitingAsync();
        using var patience = new CancellationTokenSource();
        var warning = WarnWhileWaitingAsync(resource, pending, patience.Token);
        try
        {
            await Task.WhenAll(pending.ToArray().Select(WaitForOneAsync));
        }
        finally
        {
            await patience.CancelAsync();
            await warning;
            await PublishUpdateAsync(resource, s => s with { Properties = s.Properties.RemoveAll(p => p.Name == "resource.waitingFor") });
        }

        async Task WaitForOneAsync(WaitAnnotation wait)
        {
            var name = wait.Resource.Name;
            var behavior = wait.WaitBehavior ?? DefaultWaitBehavior;
            await Task.WhenAll(InstanceNames(wait.Resource).Select(async id =>
            {
                switch (wait.WaitType)
                {
                    case WaitType.WaitForCompletion:
                        logger.WaitingForCompletion(name);
                        await WaitUntilCompletedAsync(IsInstance(id), wait.ExitCode, cancellationToken);
                        break;
                    case WaitType.WaitUntilStarted:
                        logger.WaitingForRunning(name);
                        await WaitUntilRunningAsync(IsInstance(id), behavior, cancellationToken);
                        break;
                    default:
                        logger.WaitingForHealthy(name);
                        await WaitUntilReadyAsync(IsInstance(id), behavior, cancellationToken);
                        break;
                }
            }));

            logger.FinishedWaiting(name);
            lock (pending)
                pending.Remove(wait);
            await PublishWaitingAsync();
        }

        Task PublishWaitingAsync()
        {
            string names;
            lock (pending)
                names = string.Join(", ", pending.Select(w => w.Resource.Name).Distinct());
            return names.Length == 0 ? Task.CompletedTask : PublishUpdateAsync(
                resource, s => (s with { State = KnownResourceStates.Waiting }).WithProperty("resource.waitingFor", names));
        }
    }

    private static Func<ResourceEvent, bool> IsNamed(string name) =>
        e => string.Equals(e.Resource.Name, name, StringComparison.OrdinalIgnoreCase)
            || string.Equals(e.ResourceId, name, StringComparison.OrdinalIgnoreCase);

    private static Func<ResourceEvent, bool> IsInstance(string id) =>
        e => string.Equals(e.ResourceId, id, StringComparison.OrdinalIgnoreCase);

    private static bool IsTerminal(CustomResourceSnapshot snapshot) =>
        snapshot.State is { } state && (KnownResourceStates.TerminalStates.Contains(state.Text)
            || state.Text == KnownResourceStates.RuntimeUnhealthy || state.Text == KnownResourceStates.ValueMissing);

    private static DistributedApplicationException Failed(ResourceEvent e, string expected) => new(
        $"The resource '{e.Resource.Name}' is {e.Snapshot.State?.Text}"
        + (e.Snapshot.ExitCode is { } code ? $" with exit code {code}" : "") + $", expected was {expected}.");

    private async Task<ResourceEvent> WatchUntilAsync(
        Func<ResourceEvent, bool> which, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken)
    {
        await foreach (var change in WatchAsync(cancellationToken))
        {
            if (which(change) && predicate(change))
                return change;
        }

        throw new OperationCanceledException("The application has stopped.", cancellationToken);
    }

    private async Task<ResourceEvent> WaitUntilRunningAsync(
        Func<ResourceEvent, bool> which, WaitBehavior behavior, CancellationToken cancellationToken)
    {
        var reached = await WatchUntilAsync(
            which,
            e => e.Snapshot.State?.Text == KnownResourceStates.Running
                || (behavior == WaitBehavior.StopOnResourceUnavailable && IsTerminal(e.Snapshot)),
            cancellationToken);
        return reached.Snapshot.State?.Text == KnownResourceStates.Running ? reached : throw Failed(reached, KnownResourceStates.Running);
    }

    private async Task<ResourceEvent> WaitUntilReadyAsync(
        Func<ResourceEvent, bool> which, WaitBehavior behavior, CancellationToken cancellationToken)
    {
        var reached = await WatchUntilAsync(
            which,
            e => e.Snapshot is { HealthStatus: HealthStatus.Healthy, ResourceReady: not null }
                || (behavior == WaitBehavior.StopOnResourceUnavailable && IsTerminal(e.Snapshot)),
            cancellationToken);
        if (reached.Snapshot.HealthStatus != HealthStatus.Healthy)
            throw Failed(reached, "a healthy one");

        await reached.Snapshot.ResourceReady!.WaitAsync(cancellationToken);
        return reached;
    }

    private async Task WaitUntilCompletedAsync(Func<ResourceEvent, bool> which, int exitCode, CancellationToken cancellationToken)
    {
        var ended = await WatchUntilAsync(which, e => IsTerminal(e.Snapshot), cancellationToken);
        if (ended.Snapshot.State?.Text == KnownResourceStates.FailedToStart || (ended.Snapshot.ExitCode is { } code && code != exitCode))
            throw Failed(ended, $"completion with exit code {exitCode}");
    }

    /// <summary>Adds to the message of a failed or cancelled wait how all resources are, with their last log lines.</summary>
    private async Task<ResourceEvent> ExplainFailureAsync(
        string resourceName, Func<Task<ResourceEvent>> wait, CancellationToken cancellationToken)
    {
        try
        {
            return await wait();
        }
        catch (DistributedApplicationException exception)
        {
            throw new DistributedApplicationException(
                $"{exception.Message}{Environment.NewLine}{await ResourceReport.AllAsync(this, _loggers)}", exception);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !IsStopping)
        {
            throw new OperationCanceledException(
                $"Gave up waiting for the resource '{resourceName}'.{Environment.NewLine}{await ResourceReport.AllAsync(this, _loggers)}",
                cancellationToken);
        }
    }

    private bool IsStopping =>
        _disposing.IsCancellationRequested
            || _services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested;

    private async Task WarnWhileWaitingAsync(IResource resource, List<WaitAnnotation> pending, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Patience);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                List<IResource> awaited;
                lock (pending)
                    awaited = [.. pending.Select(w => w.Resource).Distinct()];
                var report = await ResourceReport.ForAsync(awaited, this, _loggers);
                LogStillWaiting(resource.Name, string.Join(", ", awaited.Select(r => r.Name)), Environment.NewLine + report);
            }
        }
        catch (OperationCanceledException)
        {
            // The wait is over.
        }
    }

    [LoggerMessage(2, LogLevel.Warning, "{ResourceName} is still waiting for {Awaited}.{Report}")]
    private partial void LogStillWaiting(string resourceName, string awaited, string report);
}
