using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Bundle;
using Aspire.Hosting.Dcp.Model;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dcp;

/// <summary>Runs the application's processes and containers through the orchestrator and follows their state.</summary>
internal sealed partial class DcpExecutor(
    DcpHost host, IAspireBundleLocator bundle, ServiceAllocator services, SpecBuilder specs, ResourceNotificationService notifications,
    ResourceLoggerService loggers, IServiceProvider serviceProvider, IHostEnvironment environment, IConfiguration configuration,
    ILogger<DcpExecutor> logger) : IDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stopping = new();
    private Dictionary<string, Workload> _workloads = [];
    private Task<DcpClient>? _client;
    private Task _network = Task.CompletedTask;

    /// <summary>What the orchestrator can run.</summary>
    public static bool CanRun(IResource resource) => resource is ProjectResource or ExecutableResource || resource.IsContainer();

    /// <summary>Starts the orchestrator in the background, as early as can be.</summary>
    public void Start(CancellationToken cancellationToken) =>
        _client = Task.Run(() => host.StartAsync(cancellationToken), cancellationToken);

    /// <summary>The connection to the orchestrator, once it is up.</summary>
    internal Task<DcpClient> Client => _client!;

    /// <summary>Gives every instance its name.</summary>
    public void Prepare(DistributedApplicationModel model)
    {
        var hash = configuration["AppHost:Sha256"]!;
        _workloads = model.Resources.Where(CanRun).SelectMany(r => Workload.For(r, hash))
            .ToDictionary(w => w.Name, StringComparer.OrdinalIgnoreCase);
        loggers.ProcessOutput = (name, follow, cancellationToken) =>
            _workloads.TryGetValue(name, out var workload) && _client is { IsCompletedSuccessfully: true }
                ? DcpLogReader.ReadAsync(_client.Result, workload, follow, cancellationToken)
                : AsyncEnumerable.Empty<(string, bool)>();
    }

    /// <summary>Starts watching, and gives all endpoints their addresses.</summary>
    public async Task AllocateEndpointsAsync(CancellationToken cancellationToken)
    {
        var client = await _client!;
        Watch<ServiceSpec, ServiceStatus>(client, DcpClient.Services, (_, service) => services.Observe(service));
        Watch<ExecutableSpec, WorkloadStatus>(client, DcpClient.Executables, (workload, executable) =>
            Publish(workload, executable.Metadata, executable.Status, s => SnapshotBuilder.Update(s, workload!, executable)));

        var containerHostName = "host.docker.internal";
        if (_workloads.Values.Any(w => w.Plural == DcpClient.Containers))
        {
            Watch<ContainerSpec, WorkloadStatus>(client, DcpClient.Containers, (workload, container) =>
                Publish(workload, container.Metadata, container.Status, s => SnapshotBuilder.Update(s, workload!, container)));
            _network = CreateNetworkAsync(client, cancellationToken);
            containerHostName = configuration["AppHost:ContainerHostname"] ?? await ContainerHostNameAsync(cancellationToken);
        }

        await Task.WhenAll(_workloads.Values.Select(w => w.Resource).Distinct().Select(resource =>
            services.AllocateAsync(client, resource, containerHostName, cancellationToken)));
    }

    /// <summary>Creates the objects of all instances of a resource, or of one.</summary>
    public Task CreateAsync(IResource resource, string? instance, CancellationToken cancellationToken) =>
        Task.WhenAll(InstancesOf(resource, instance).Select(workload => CreateAsync(workload, cancellationToken)));

    /// <summary>Stops an instance, or all of a resource, and waits until it has ended.</summary>
    /// <exception cref="TimeoutException">It has not ended in 30 s.</exception>
    public Task StopAsync(IResource resource, string? instance, CancellationToken cancellationToken) =>
        Task.WhenAll(InstancesOf(resource, instance).Select(async workload =>
        {
            await workload.Gate.WaitAsync(cancellationToken);
            try
            {
                var client = await _client!;
                if (await client.StopAsync(workload.Plural, workload.Name, cancellationToken))
                    await WaitForEndAsync(workload, cancellationToken);
            }
            finally
            {
                workload.Gate.Release();
            }
        }));

    /// <summary>Ends everything and the orchestrator itself.</summary>
    public async Task ShutDownAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await host.StopAsync(cancellationToken);
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private IEnumerable<Workload> InstancesOf(IResource resource, string? instance) =>
        _workloads.Values.Where(
            w => w.Resource == resource && (instance is null || string.Equals(w.Name, instance, StringComparison.OrdinalIgnoreCase)));

    private async Task CreateAsync(Workload workload, CancellationToken cancellationToken)
    {
        await workload.Gate.WaitAsync(cancellationToken);
        try
        {
            var client = await _client!;
            await DeleteAsync(client, workload, cancellationToken);
            var log = loggers.GetLogger(workload.Name);
            if (workload.Plural == DcpClient.Containers)
            {
                await _network;
                var container = await specs.ContainerAsync(workload, log, serviceProvider, cancellationToken);
                await client.CreateAsync(DcpClient.Containers, container, cancellationToken);
            }
            else
            {
                var executable = await specs.ExecutableAsync(workload, log, cancellationToken);
                await client.CreateAsync(DcpClient.Executables, executable, cancellationToken);
            }
        }
        finally
        {
            workload.Gate.Release();
        }
    }

    /// <summary>
    /// An object lives once: to start an instance again, the one that has ended makes room for a new one of the same name.
    /// </summary>
    private static async Task DeleteAsync(DcpClient client, Workload workload, CancellationToken cancellationToken)
    {
        for (var first = true; ; first = false)
        {
            if (await client.GetAsync<object, WorkloadStatus>(workload.Plural, workload.Name, cancellationToken) is not { } old)
                return;
            workload.Retire(old.Metadata.Uid!);
            if (first)
                await client.DeleteAsync(workload.Plural, workload.Name, cancellationToken);
            await Task.Delay(50, cancellationToken);
        }
    }

    private async Task WaitForEndAsync(Workload workload, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(StopTimeout);
        try
        {
            await foreach (var change in notifications.WatchAsync(timeout.Token))
            {
                if (change.ResourceId == workload.Name
                    && change.Snapshot.State is { } state && KnownResourceStates.TerminalStates.Contains(state.Text))
                    return;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"'{workload.Name}' has not ended in {StopTimeout.TotalSeconds:0} s.");
        }
    }

    private async Task CreateNetworkAsync(DcpClient client, CancellationToken cancellationToken)
    {
        var persistent = _workloads.Values.Any(w => SpecBuilder.IsPersistent(w.Resource));
        var application = NotInNetworkNames().Replace(environment.ApplicationName, "");
        application = application[..Math.Min(application.Length, 32)];
        var name = persistent
            ? $"aspire-persistent-network-{configuration["AppHost:Sha256"]![..8].ToLowerInvariant()}-{application}"
            : $"aspire-session-network-{RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", 8)}-{application}";
        await client.CreateAsync(DcpClient.Networks, new DcpObject<ContainerNetworkSpec, ContainerNetworkStatus>
        {
            Kind = "ContainerNetwork",
            Metadata = new() { Name = KnownNetworkIdentifiers.DefaultAspireContainerNetwork.Value },
            Spec = new() { NetworkName = name, Persistent = persistent ? true : null },
        }, cancellationToken);
    }

    /// <summary>The name containers know this machine by, as the orchestrator finds it out.</summary>
    private async Task<string> ContainerHostNameAsync(CancellationToken cancellationToken)
    {
        var programs = await bundle.LocateAsync(cancellationToken);
        var start = new ProcessStartInfo(programs.DcpPath, ["info"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (configuration["DcpPublisher:ContainerRuntime"] is { } runtime)
        {
            start.ArgumentList.Add("--container-runtime");
            start.ArgumentList.Add(runtime);
        }

        using var process = Process.Start(start)!;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(25));
        var output = await process.StandardOutput.ReadToEndAsync(timeout.Token);
        using var info = JsonDocument.Parse(output);
        var containers = info.RootElement.GetProperty("containers");
        if (!containers.GetProperty("installed").GetBoolean() || !containers.GetProperty("running").GetBoolean())
            LogNoContainerRuntime(
                containers.TryGetProperty("error", out var error) ? error.ToString() : "it is not installed or does not run");
        return containers.TryGetProperty("hostName", out var name)
            && name.GetString() is { Length: > 0 } found ? found : "host.docker.internal";
    }

    private void Publish(
        Workload? workload, DcpMetadata metadata, WorkloadStatus? status, Func<CustomResourceSnapshot, CustomResourceSnapshot> update)
    {
        if (workload is null || workload.IsRetired(metadata.Uid!))
            return;
        if (!string.IsNullOrEmpty(status?.State))
            workload.HasLog(metadata.Uid!);
        if (status is { State: "FailedToStart", Message: { Length: > 0 } message })
            loggers.GetLogger(workload.Name).FailedToStart(message);
        notifications.PublishUpdateAsync(workload.Resource, workload.Name, update);
    }

    /// <summary>Follows all objects of a kind until the end, over as many connections as it takes.</summary>
    private void Watch<TSpec, TStatus>(DcpClient client, string plural, Action<Workload?, DcpObject<TSpec, TStatus>> observe)
        where TSpec : class where TStatus : class => _ = Task.Run(async () =>
        {
            while (!_stopping.IsCancellationRequested)
            {
                try
                {
                    await foreach (var change in client.WatchAsync<TSpec, TStatus>(plural, _stopping.Token))
                    {
                        if (change.Type is "ADDED" or "MODIFIED")
                            observe(_workloads.GetValueOrDefault(change.Object.Name), change.Object);
                    }
                }
                catch (Exception exception) when (!_stopping.IsCancellationRequested)
                {
                    LogWatchBroken(plural, exception.Message);
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                await Task.Delay(200, _stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        });

    [GeneratedRegex(@"\.?AppHost$|[^A-Za-z0-9_.-]")]
    private static partial Regex NotInNetworkNames();

    [LoggerMessage(1, LogLevel.Debug, "Lost sight of {Plural}, looking again: {Reason}")]
    private partial void LogWatchBroken(string plural, string reason);

    [LoggerMessage(2, LogLevel.Warning, "The container runtime is not ready: {Reason}. Containers will not start.")]
    private partial void LogNoContainerRuntime(string reason);
}
