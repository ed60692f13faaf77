using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dcp.Model;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dcp;

/// <summary>Makes a service of each endpoint and gives the endpoint the address the orchestrator chose.</summary>
internal sealed partial class ServiceAllocator(IConfiguration configuration, ILogger<ServiceAllocator> logger)
{
    private static readonly TimeSpan AllocationTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PortPatience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<int>> _allocated = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<EndpointAnnotation, string> _names = new();

    private bool RandomizePorts => configuration.GetValue("DcpPublisher:RandomizePorts", false);

    /// <summary>What a resource's instances serve.</summary>
    public IEnumerable<ServiceProducer> ProducersOf(IResource resource) => resource.Annotations.OfType<EndpointAnnotation>()
        .Where(_names.ContainsKey)
        .Select(endpoint => new ServiceProducer(_names[endpoint], HostOf(endpoint) ?? "localhost", endpoint.TargetPort));

    /// <summary>The orchestrator has told about a service.</summary>
    public void Observe(DcpObject<ServiceSpec, ServiceStatus> service)
    {
        if (service.Status?.EffectivePort is > 0 and { } port)
            _allocated.GetOrAdd(service.Name, _ => NewSource()).TrySetResult(port);
    }

    /// <summary>Creates the services of a resource and completes when all its endpoints have addresses.</summary>
    /// <exception cref="DistributedApplicationException">
    /// An endpoint is declared in a way that can't work, or its port is taken.
    /// </exception>
    public Task AllocateAsync(DcpClient client, IResource resource, string containerHostName, CancellationToken cancellationToken)
    {
        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToList();
        return Task.WhenAll(endpoints.Select(async endpoint =>
        {
            var isContainer = resource.IsContainer();
            Validate(resource, endpoint, isContainer);
            var proxied = IsProxied(resource, endpoint);
            var name = endpoints.Count == 1 ? resource.Name : $"{resource.Name}-{endpoint.Name}";
            _names[endpoint] = name;

            // A program without proxy listens on the public port itself.
            var port = proxied
                ? (RandomizePorts ? null : endpoint.Port) : endpoint.Port ?? (isContainer ? null : endpoint.TargetPort) ?? FreePort();
            if (!proxied && !isContainer)
                endpoint.TargetPort = port;
            if (port is { } wanted)
                await WaitUntilFreeAsync(resource, endpoint, wanted, cancellationToken);

            await client.CreateAsync(DcpClient.Services, new DcpObject<ServiceSpec, ServiceStatus>
            {
                Kind = "Service",
                Metadata = new()
                {
                    Name = name,
                    Annotations = new() { [DcpAnnotations.ResourceName] = resource.Name, [DcpAnnotations.EndpointName] = endpoint.Name },
                },
                Spec = new()
                {
                    Address = HostOf(endpoint),
                    Port = port,
                    Protocol = endpoint.Protocol == ProtocolType.Udp ? "UDP" : "TCP",
                    AddressAllocationMode = proxied ? "Localhost" : "Proxyless",
                },
            }, cancellationToken);

            var effective = proxied ? await AllocatedPortAsync(resource, endpoint, name, cancellationToken) : port!.Value;
            SetAddresses(resource, endpoint, name, effective, proxied, containerHostName);
        }));
    }

    private static TaskCompletionSource<int> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The address listened on; null for this machine's own only.</summary>
    private static string? HostOf(EndpointAnnotation endpoint) => endpoint.TargetHost switch
    {
        "localhost" => null,
        "*" or "+" => "0.0.0.0",
        var host => host,
    };

    /// <summary>The address to connect to, where all addresses are listened on.</summary>
    private static string ClientHostOf(EndpointAnnotation endpoint) =>
        HostOf(endpoint) is null or "0.0.0.0" or "::" or "[::]" ? "localhost" : endpoint.TargetHost;

    private static void SetAddresses(
        IResource resource, EndpointAnnotation endpoint, string service, int port, bool proxied, string containerHostName)
    {
        var network = KnownNetworkIdentifiers.DefaultAspireContainerNetwork;
        endpoint.AllAllocatedEndpoints.GetOrAdd(network).SetValue(resource.IsContainer()
            ? new AllocatedEndpoint(endpoint, $"{resource.Name}.dev.internal", endpoint.TargetPort!.Value, null, network)
            : new AllocatedEndpoint(endpoint, containerHostName, port, null, network));

        var targetPort = !proxied || endpoint.TargetPort is not null ? null : $$$"""{{- portForServing "{{{service}}}" -}}""";
        endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, ClientHostOf(endpoint), port, targetPort);
    }

    private static void Validate(IResource resource, EndpointAnnotation endpoint, bool isContainer)
    {
        var what = $"The endpoint '{endpoint.Name}' of '{resource.Name}'";
        if (isContainer && endpoint.TargetPort is null)
            throw new DistributedApplicationException($"{what} needs a target port: the port the program in the container listens on.");
        if (isContainer)
            return;
        if (!endpoint.IsProxied && endpoint is { Port: { } port, TargetPort: { } targetPort } && port != targetPort)
            throw new DistributedApplicationException($"{what} has no proxy, so its port and its target port must be the same.");
        if (endpoint.IsProxied && endpoint.Port is not null && endpoint.Port == endpoint.TargetPort)
            throw new DistributedApplicationException(
                $"{what} has a proxy, so its port and its target port must differ; or set IsProxied to false.");
        if (resource.GetReplicaCount() > 1 && (!endpoint.IsProxied || endpoint.TargetPort is not null))
            throw new DistributedApplicationException($"{what} can't serve several replicas without a proxy or with a fixed target port.");
    }

    /// <summary>The processes of a run that has just been killed may need a few seconds to go.</summary>
    private async Task WaitUntilFreeAsync(IResource resource, EndpointAnnotation endpoint, int port, CancellationToken cancellationToken)
    {
        var waits = 0;
        var started = Stopwatch.GetTimestamp();
        while (IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(listener => listener.Port == port))
        {
            if (waits++ == 0)
                LogPortTaken(port, resource.Name);
            if (Stopwatch.GetElapsedTime(started) > PortPatience)
                throw new DistributedApplicationException(
                    $"The port {port} of '{resource.Name}' (endpoint '{endpoint.Name}') is taken by another program.");
            await Task.Delay(200, cancellationToken);
        }
    }

    private static int FreePort()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }

    private bool IsProxied(IResource resource, EndpointAnnotation endpoint)
    {
        var persistent = resource.TryGetLastAnnotation(out ContainerLifetimeAnnotation? lifetime)
            && lifetime.Lifetime == ContainerLifetime.Persistent;
        return endpoint.IsExplicitlyProxied ?? (RandomizePorts || !persistent);
    }

    private async Task<int> AllocatedPortAsync(
        IResource resource, EndpointAnnotation endpoint, string service, CancellationToken cancellationToken)
    {
        try
        {
            return await _allocated.GetOrAdd(service, _ => NewSource()).Task.WaitAsync(AllocationTimeout, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new DistributedApplicationException(
                $"The endpoint '{endpoint.Name}' of '{resource.Name}' got no port"
                + (endpoint.Port is { } port ? $": is {port} taken by another program?" : "."));
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The port {Port} of {ResourceName} is taken; waiting for it.")]
    private partial void LogPortTaken(int port, string resourceName);
}
