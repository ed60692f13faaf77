using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Publishing;

internal static class PublishingServices
{
    public static void AddPublishers(this IServiceCollection services) =>
        services.AddKeyedSingleton<IPublisher, ManifestPublisher>("manifest");
}
