using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Publishing;

/// <summary>Describes the application for a deployment. Registered under its name as key.</summary>
internal interface IPublisher
{
    Task PublishAsync(DistributedApplicationModel model, CancellationToken cancellationToken);
}

internal static class PublishingServices
{
    public static void AddPublishers(this IServiceCollection services) => _ = services;
}
