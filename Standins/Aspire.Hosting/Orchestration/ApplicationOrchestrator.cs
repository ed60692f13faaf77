using System.Collections.Concurrent;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Dcp;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>Takes the application through its life: raises the events in order, and starts and stops the resources.</summary>
internal sealed partial class ApplicationOrchestrator(
    DistributedApplicationModel model, DcpExecutor executor, ResourceNotificationService notifications, ResourceLoggerService loggers,
    IDistributedApplicationEventing eventing, ResourceHealthMonitor health, ConsoleReporter reporter, IServiceProvider services,
    ILogger<ApplicationOrchestrator> logger) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<IResource, CancellationTokenSource> _waits = new();
    private readonly IDashboardHost? _dashboard = services.GetService<IDashboardHost>();
    private Task _startup = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        executor.Start(_stopping.Token);
        await eventing.PublishAsync(new BeforeStartEvent(services, model), cancellationToken);
        if (_dashboard is not null)
            await _dashboard.StartAsync(model, cancellationToken);

        foreach (var resource in model.Resources.Where(r => DcpExecutor.CanRun(r) && !r.IsHidden()))
            LifecycleCommands.AddTo(resource, this);
        executor.Prepare(model);
        await PublishInitialStatesAsync();
        health.Start(_stopping.Token);
        reporter.Start(_stopping.Token);
        if (services.GetRequiredService<IConfiguration>().GetValue("EnableResourceLogging", false))
            services.GetRequiredService<ResourceLogForwarder>()
                .Start(services.GetRequiredService<IHostEnvironment>().ApplicationName, _stopping.Token);

        foreach (var resource in model.Resources)
            _ = InitializeAsync(resource);

        await executor.AllocateEndpointsAsync(cancellationToken);
        await RaiseEndpointsAllocatedAsync(cancellationToken);
        _startup = Task.Run(StartResourcesAsync, CancellationToken.None);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _startup.WaitAsync(cancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
        await StopInTurnAsync(cancellationToken);
        await executor.ShutDownAsync(cancellationToken);
        if (_dashboard is not null)
            await _dashboard.StopAsync(cancellationToken);
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    /// <summary>Starts a resource, or one instance. When it is waiting already, the rest of the wait is skipped.</summary>
    public async Task StartResourceAsync(IResource resource, string? instance, CancellationToken cancellationToken)
    {
        if (_waits.TryGetValue(resource, out var waiting))
        {
            await waiting.CancelAsync();
            return;
        }

        await StartAsync(resource, instance, cancellationToken);
    }

    public async Task StopResourceAsync(IResource resource, string? instance, CancellationToken cancellationToken)
    {
        await notifications.PublishUpdateAsync(
            resource, instance ?? resource.Name, s => s with { State = KnownResourceStates.Stopping, StopRequested = true });
        await executor.StopAsync(resource, instance, cancellationToken);
    }

    private async Task StartAsync(IResource resource, string? instance, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        var log = loggers.GetLogger(resource);
        try
        {
            await PublishAsync(
                s => s with { State = KnownResourceStates.Starting, ExitCode = null, StopTimeStamp = null, StopRequested = false });
            await WaitForDependenciesAsync(resource, ending.Token);
            await eventing.PublishAsync(new BeforeResourceStartedEvent(resource, services), ending.Token);
            await PublishAsync(s => s with { State = KnownResourceStates.Starting });
            await executor.CreateAsync(resource, instance, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The application stops.
        }
        catch (Exception exception)
        {
            log.FailedToStart(exception.Message);
            await PublishAsync(s => s with { State = new(KnownResourceStates.FailedToStart, "error"), StopTimeStamp = DateTime.UtcNow });
        }

        Task PublishAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> update) => instance is null
            ? notifications.PublishUpdateAsync(resource, update)
            : notifications.PublishUpdateAsync(resource, instance, update);
    }

    private async Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
    {
        using var skipping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _waits[resource] = skipping;
        try
        {
            await notifications.WaitForDependenciesAsync(resource, skipping.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Somebody started it without waiting any longer.
        }
        finally
        {
            _waits.TryRemove(resource, out _);
        }
    }

    private async Task StartResourcesAsync()
    {
        await Task.WhenAll(model.Resources.Where(r => DcpExecutor.CanRun(r) && !r.HasAnnotationOfType<ExplicitStartupAnnotation>())
            .Select(r => StartAsync(r, null, _stopping.Token)));
        if (!_stopping.IsCancellationRequested)
            await eventing.PublishAsync(new AfterResourcesCreatedEvent(services, model), _stopping.Token);
    }

    private async Task PublishInitialStatesAsync()
    {
        foreach (var resource in model.Resources)
        {
            var text = resource switch
            {
                ParameterResource parameter => await ParameterStateAsync(parameter),
                _ when resource.HasAnnotationOfType<ExplicitStartupAnnotation>() => KnownResourceStates.NotStarted,
                _ when DcpExecutor.CanRun(resource) => KnownResourceStates.Starting,
                ConnectionStringResource => KnownResourceStates.Running,
                _ => null,
            };
            await notifications.PublishUpdateAsync(resource, s => s with { State = text is null ? s.State : new(text, null) });
        }
    }

    private async Task<string> ParameterStateAsync(ParameterResource parameter)
    {
        string? value = null;
        try
        {
            value = parameter.Value;
        }
        catch (Exception exception)
        {
            loggers.GetLogger(parameter).FailedToStart(exception.Message);
            LogParameterMissing(exception.Message);
        }

        await notifications.PublishUpdateAsync(parameter, s => s
            .WithProperty("Value", value, parameter.Secret)
            .WithProperty(CustomResourceKnownProperties.Source, parameter.ConfigurationKey));
        return value is null ? KnownResourceStates.ValueMissing : KnownResourceStates.Running;
    }

    private async Task InitializeAsync(IResource resource)
    {
        try
        {
            await eventing.PublishAsync(new InitializeResourceEvent(resource, eventing, loggers, notifications, services), _stopping.Token);
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            loggers.GetLogger(resource).FailedToStart(exception.Message);
            await notifications.PublishUpdateAsync(resource, s => s with { State = new(KnownResourceStates.FailedToStart, "error") });
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
    }

    private async Task RaiseEndpointsAllocatedAsync(CancellationToken cancellationToken)
    {
        foreach (var resource in model.Resources)
        {
            if (resource.TryGetEndpoints(out _))
                await eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(resource, services), cancellationToken);
            await ResourceUrls.PublishAsync(resource, notifications, services, cancellationToken);
        }

        foreach (var resource in model.Resources.OfType<IResourceWithConnectionString>())
            _ = RaiseConnectionStringAvailableAsync(resource);
    }

    /// <summary>Some parts of a connection string may become known only while the application runs.</summary>
    private async Task RaiseConnectionStringAvailableAsync(IResourceWithConnectionString resource)
    {
        try
        {
            if (await resource.GetConnectionStringAsync(_stopping.Token) is not { } value)
                return;
            await eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, services), _stopping.Token);
            await notifications.PublishUpdateAsync(
                resource, s => s.WithProperty(CustomResourceKnownProperties.ConnectionString, value, isSensitive: true));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            loggers.GetLogger(resource).FailedToStart(exception.Message);
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
    }

    /// <summary>Those that wait for others stop before them, so that a worker can still hand back its jobs to the database.</summary>
    private async Task StopInTurnAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(4));
        try
        {
            foreach (var level in model.Resources.Where(r => DcpExecutor.CanRun(r) && !SpecBuilder.IsPersistent(r) && Depth(r, []) > 0)
                .GroupBy(r => Depth(r, [])).OrderByDescending(g => g.Key))
            {
                await Task.WhenAll(level.Where(IsRunning).Select(r => executor.StopAsync(r, null, patience.Token)));
            }
        }
        catch (Exception exception)
        {
            // What is left is stopped all at once.
            LogStopInterrupted(exception.Message);
        }

        bool IsRunning(IResource resource) =>
            notifications.FindInstances(resource.Name).Any(e => e.Snapshot.State?.Text == KnownResourceStates.Running);
    }

    private static int Depth(IResource resource, HashSet<IResource> seen) => !seen.Add(resource)
        ? 0
        : resource.Annotations.OfType<WaitAnnotation>().Select(w => 1 + Depth(w.Resource, [.. seen])).DefaultIfEmpty(0).Max();

    [LoggerMessage(1, LogLevel.Error, "{Reason}")]
    private partial void LogParameterMissing(string reason);

    [LoggerMessage(2, LogLevel.Debug, "Stopping the rest at once: {Reason}")]
    private partial void LogStopInterrupted(string reason);
}
