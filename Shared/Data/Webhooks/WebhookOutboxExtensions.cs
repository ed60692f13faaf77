using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Platform.Jobs;

namespace Platform.Data.Webhooks;

/// <summary>Registers <see cref="WebhookOutbox"/>.</summary>
public static class WebhookOutboxExtensions
{
    public static IServiceCollection AddWebhookOutbox(this IServiceCollection services)
    {
        services.AddJobQueue();
        services.TryAddSingleton<WebhookOutbox>();
        return services;
    }
}
