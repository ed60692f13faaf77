namespace Microsoft.Extensions.ServiceDiscovery;

internal sealed class ServiceDiscoveryHandler(ConfigurationEndpoints endpoints) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is not { IsAbsoluteUri: true } logical)
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);

        request.RequestUri = Resolve(logical);
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // A retry starts from the name again, and so reaches the next endpoint.
            request.RequestUri = logical;
        }
    }

    private Uri Resolve(Uri logical)
    {
        if (endpoints.Next(logical) is { } endpoint)
            return new UriBuilder(logical) { Scheme = endpoint.Scheme, Host = endpoint.Host, Port = endpoint.Port }.Uri;

        var name = ServiceName.Parse(logical);
        if (name is { Schemes: [_], Endpoint: null })
            return logical;

        // What the network can't read is taken off: extra schemes and the endpoint's name.
        return new UriBuilder(logical)
        {
            Scheme = name.Schemes[0],
            Host = name.Service,
            Port = logical.IsDefaultPort ? -1 : logical.Port,
        }.Uri;
    }
}
