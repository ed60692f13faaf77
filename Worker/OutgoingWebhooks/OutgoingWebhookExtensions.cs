using Platform.Data.Webhooks;
using Platform.Jobs;
using Platform.Worker.Events;

namespace Platform.Worker.OutgoingWebhooks;

/// <summary>Registers the delivery of events to tenants' endpoints.</summary>
internal static class OutgoingWebhookExtensions
{
    /// <summary>Needs the tenant cache.</summary>
    public static void AddOutgoingWebhooks(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<OutgoingWebhookOptions>()
            .BindConfiguration(OutgoingWebhookOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddTenantNotices();
        builder.Services.AddSingleton<PublicConnections>();
        builder.Services.AddSingleton<WebhookCaller>();
        builder.Services.AddSingleton<EndpointNotices>();
        builder.Services.AddScoped<DeliveryStore>();
        builder.Services.AddJobHandler<DeliverWebhook, DeliverWebhookHandler>();
        builder.Services.AddSingleton<IJobFollower, AbandonedDeliveries>();
    }
}
