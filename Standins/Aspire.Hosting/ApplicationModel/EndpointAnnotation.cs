using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An endpoint as declared, and the addresses it was given.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    private string? _transport;

    /// <param name="protocol">TCP or UDP.</param>
    /// <param name="uriScheme">Of the endpoint's URL; <c>tcp</c> or <c>udp</c> when not given.</param>
    /// <param name="transport"><c>http</c>, <c>http2</c>, <c>tcp</c>; follows the scheme when not given.</param>
    /// <param name="name">Unique in the resource; the scheme when not given.</param>
    /// <param name="port">The public port; any free one when not given.</param>
    /// <param name="targetPort">The port the program itself listens on.</param>
    /// <param name="isExternal">Reachable from outside once deployed.</param>
    /// <param name="isProxied">
    /// Whether the orchestrator listens on the public port and forwards; decided by circumstances when not given.
    /// </param>
    public EndpointAnnotation(
        ProtocolType protocol,
        string? uriScheme = null, string? transport = null, string? name = null, int? port = null, int? targetPort = null,
        bool? isExternal = null, bool? isProxied = null)
    {
        Protocol = protocol;
        UriScheme = uriScheme ?? (protocol == ProtocolType.Udp ? "udp" : "tcp");
        _transport = transport;
        Name = name ?? UriScheme;
        Port = port;
        TargetPort = targetPort;
        IsExternal = isExternal ?? false;
        IsExplicitlyProxied = isProxied;
        AllocatedEndpointSnapshot = AllAllocatedEndpoints.GetOrAdd(DefaultNetworkID);
    }

    /// <summary>Unique in the resource.</summary>
    public string Name { get; set; }

    /// <summary>TCP or UDP.</summary>
    public ProtocolType Protocol { get; set; }

    /// <summary>The public port; any free one when null.</summary>
    public int? Port { get; set; }

    /// <summary>The port the program itself listens on; chosen at start when null.</summary>
    public int? TargetPort { get; set; }

    /// <summary>Of the endpoint's URL.</summary>
    public string UriScheme { get; set; }

    /// <summary>The address listened on.</summary>
    public string TargetHost { get; set; } = "localhost";

    /// <summary><c>http</c>, <c>http2</c> or <c>tcp</c>.</summary>
    public string Transport
    {
        get => _transport ?? (UriScheme is "http" or "https" ? "http" : Protocol == ProtocolType.Udp ? "udp" : "tcp");
        set => _transport = value;
    }

    /// <summary>Reachable from outside once deployed.</summary>
    public bool IsExternal { get; set; }

    /// <summary>The orchestrator listens on the public port and forwards to the program.</summary>
    public bool IsProxied
    {
        get => IsExplicitlyProxied ?? true;
        set => IsExplicitlyProxied = value;
    }

    /// <summary><see cref="IsProxied"/> as asked for; null when nobody did.</summary>
    public bool? IsExplicitlyProxied { get; set; }

    /// <summary>Left out when the whole resource is referenced.</summary>
    public bool ExcludeReferenceEndpoint { get; set; }

    /// <summary>Speaks TLS.</summary>
    public bool TlsEnabled
    {
        get => field || UriScheme == "https";
        set;
    }

    /// <summary>The network of <see cref="AllocatedEndpoint"/>.</summary>
    public NetworkIdentifier DefaultNetworkID { get; } = KnownNetworkIdentifiers.LocalhostNetwork;

    /// <summary>The address on the host; null until it was given one.</summary>
    public AllocatedEndpoint? AllocatedEndpoint
    {
        get => AllocatedEndpointSnapshot.ValueOrDefault;
        set
        {
            if (value is not null)
                AllocatedEndpointSnapshot.SetValue(value);
        }
    }

    /// <summary>The address on the host, to be waited for.</summary>
    public ValueSnapshot<AllocatedEndpoint> AllocatedEndpointSnapshot { get; }

    /// <summary>The addresses on all networks.</summary>
    public NetworkEndpointSnapshotList AllAllocatedEndpoints { get; } = new();
}

/// <summary>An address an endpoint can be reached at.</summary>
public class AllocatedEndpoint(
    EndpointAnnotation endpoint, string address, int port, string? targetPortExpression = null, NetworkIdentifier? networkId = null)
{
    /// <summary>As declared.</summary>
    public EndpointAnnotation Endpoint { get; } = endpoint;

    /// <summary>Host name or address.</summary>
    public string Address { get; } = address;

    /// <summary>The public port.</summary>
    public int Port { get; } = port;

    /// <summary>What the orchestrator replaces by the port the program has to listen on.</summary>
    public string? TargetPortExpression { get; } = targetPortExpression;

    /// <summary>The network the address is valid on.</summary>
    public NetworkIdentifier NetworkID { get; } = networkId ?? KnownNetworkIdentifiers.LocalhostNetwork;

    /// <summary>The endpoint's scheme.</summary>
    public string UriScheme => Endpoint.UriScheme;

    /// <summary><c>address:port</c>.</summary>
    public string EndPointString => $"{Address}:{Port}";

    /// <summary><c>scheme://address:port</c>.</summary>
    public string UriString => $"{UriScheme}://{EndPointString}";

    /// <inheritdoc/>
    public override string ToString() => UriString;
}

/// <summary>A value that is set once and can be waited for.</summary>
public sealed class ValueSnapshot<T> where T : class
{
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the value, or the reason there is none, is known.</summary>
    public bool IsValueSet => _source.Task.IsCompleted;

    internal T? ValueOrDefault => _source.Task.IsCompletedSuccessfully ? _source.Task.Result : null;

    /// <summary>Completes when the value is known.</summary>
    public Task<T> GetValueAsync(CancellationToken cancellationToken = default) => _source.Task.WaitAsync(cancellationToken);

    /// <summary>Sets the value; later calls change nothing.</summary>
    public void SetValue(T value) => _source.TrySetResult(value);

    /// <summary>Says why there will be no value.</summary>
    public void SetException(Exception exception) => _source.TrySetException(exception);
}

/// <summary>An endpoint's addresses by network.</summary>
public sealed class NetworkEndpointSnapshotList
{
    private readonly Dictionary<NetworkIdentifier, ValueSnapshot<AllocatedEndpoint>> _byNetwork = [];

    internal ValueSnapshot<AllocatedEndpoint> GetOrAdd(NetworkIdentifier network)
    {
        lock (_byNetwork)
        {
            if (!_byNetwork.TryGetValue(network, out var snapshot))
                _byNetwork[network] = snapshot = new();
            return snapshot;
        }
    }
}
