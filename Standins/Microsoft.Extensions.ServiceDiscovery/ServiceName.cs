namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>
/// What <c>https+http://_endpoint.service</c> says: schemes in order of preference, an optional endpoint name and the
/// service's name.
/// </summary>
internal sealed record ServiceName(string[] Schemes, string? Endpoint, string Service)
{
    public static ServiceName Parse(Uri address)
    {
        var schemes = address.Scheme.Split('+');
        var host = address.Host;
        var dot = host.IndexOf('.', StringComparison.Ordinal);
        return host.StartsWith('_') && dot > 1
            ? new ServiceName(schemes, host[1..dot], host[(dot + 1)..])
            : new ServiceName(schemes, Endpoint: null, host);
    }
}
