using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.ServiceDiscovery;

namespace Microsoft.Extensions.DependencyInjection;

public static class ServiceDiscoveryServiceCollectionExtensions
{
    /// <summary>
    /// Resolves logical service names from the configuration section <c>Services</c>; a name that isn't there is passed on
    /// to the network as it is.
    /// </summary>
    public static IServiceCollection AddServiceDiscovery(this IServiceCollection services)
    {
        services.TryAddSingleton<ConfigurationEndpoints>();
        return services;
    }
}
