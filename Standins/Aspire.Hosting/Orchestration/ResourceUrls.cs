using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Orchestration;

/// <summary>The links shown for a resource: one an endpoint, changed by the resource's callbacks.</summary>
internal static class ResourceUrls
{
    public static async Task PublishAsync(
        IResource resource, ResourceNotificationService notifications, IServiceProvider services, CancellationToken cancellationToken)
    {
        var urls = resource is IResourceWithEndpoints endpoints
            ? endpoints.GetEndpoints().Where(e => e.IsAllocated).Select(e => new ResourceUrlAnnotation { Url = e.Url, Endpoint = e })
                .ToList()
            : [];
        var context = new ResourceUrlsCallbackContext(
            services.GetRequiredService<DistributedApplicationExecutionContext>(), resource, urls, cancellationToken);
        foreach (var callback in resource.Annotations.OfType<ResourceUrlsCallbackAnnotation>())
            await callback.Callback(context);
        if (urls.Count == 0)
            return;

        await notifications.PublishUpdateAsync(resource, s => s with
        {
            Urls = [.. urls.Select(
                url => new UrlSnapshot(url.Endpoint?.EndpointName, Absolute(url), url.DisplayLocation == UrlDisplayLocation.DetailsOnly)
            {
                IsInactive = url.Endpoint is not null && s.State?.Text != KnownResourceStates.Running,
                DisplayProperties = new(url.DisplayText ?? "", url.DisplayOrder ?? 0),
            })],
        });
    }

    private static string Absolute(ResourceUrlAnnotation url) =>
        url.Endpoint is { } endpoint
            && !Uri.TryCreate(url.Url, UriKind.Absolute, out _) || (url.Endpoint is not null && url.Url.StartsWith('/'))
            ? new Uri(new Uri(url.Endpoint!.Url), url.Url).ToString()
            : url.Url;
}
