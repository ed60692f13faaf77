using Platform.Jobs;
using Platform.Worker.Events;
using Platform.Worker.Imports;
using Platform.Worker.Webhooks;

namespace Platform.Worker;

/// <summary>Registers the Worker's own parts.</summary>
internal static class WorkerExtensions
{
    public static void AddJobTenantEvents(this IHostApplicationBuilder builder) =>
        builder.Services.AddSingleton<IJobEvents, TenantJobEvents>();

    public static void AddContactImports(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ImportOptions>().BindConfiguration(ImportOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<ImportStore>();
    }

    /// <summary>Needs the tenant cache.</summary>
    public static void AddWebhooks(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<WebhookStore>();
        builder.Services.AddSingleton<WebhookNotices>();
    }
}
