using Microsoft.Extensions.ServiceDiscovery;

namespace Microsoft.Extensions.DependencyInjection;

public static class ServiceDiscoveryHttpClientBuilderExtensions
{
    /// <summary>Replaces the service name in each request's address by one of the service's endpoints, in turn.</summary>
    public static IHttpClientBuilder AddServiceDiscovery(this IHttpClientBuilder httpClientBuilder)
    {
        httpClientBuilder.Services.AddServiceDiscovery();
        return httpClientBuilder.AddHttpMessageHandler(services =>
            new ServiceDiscoveryHandler(services.GetRequiredService<ConfigurationEndpoints>()));
    }
}
