using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>Describes the application for a deployment. Registered under its name as key.</summary>
internal interface IPublisher
{
    Task PublishAsync(DistributedApplicationModel model, CancellationToken cancellationToken);
}
