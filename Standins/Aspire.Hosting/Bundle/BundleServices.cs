using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Bundle;

internal static class BundleServices
{
    public static void AddAspireBundle(this IServiceCollection services)
    {
        services.AddSingleton(BundleEnvironment.Current());
        services.AddSingleton<BundleFetcher>();
        services.AddSingleton<IAspireBundleLocator, AspireBundleLocator>();
    }
}
