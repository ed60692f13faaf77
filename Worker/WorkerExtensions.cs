using Microsoft.Extensions.DependencyInjection.Extensions;
using Platform.Data.Reports;
using Platform.Data.Webhooks;
using Platform.Jobs;
using Platform.Worker.Events;
using Platform.Worker.Handlers;
using Platform.Worker.Imports;
using Platform.Worker.Reports;
using Platform.Worker.Webhooks;

namespace Platform.Worker;

/// <summary>Registers the Worker's own parts.</summary>
internal static class WorkerExtensions
{
    public static void AddJobTenantEvents(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IJobEvents, TenantJobEvents>();
        builder.Services.AddSingleton<JobFollowing>();
        builder.Services.AddHostedService(services => services.GetRequiredService<JobFollowing>());
    }

    public static void AddTenantNotices(this IServiceCollection services)
    {
        services.AddWebhookOutbox();
        services.TryAddSingleton<TenantNotices>();
    }

    public static void AddContactImports(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ImportOptions>().BindConfiguration(ImportOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddWebhookOutbox();
        builder.Services.AddSingleton<ImportStore>();
    }

    /// <summary>Needs the tenant cache.</summary>
    public static void AddWebhooks(this IHostApplicationBuilder builder)
    {
        builder.Services.AddTenantNotices();
        builder.Services.AddScoped<WebhookStore>();
        builder.Services.AddSingleton<WebhookNotices>();
    }

    /// <summary>Needs the tenant cache.</summary>
    public static void AddReports(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ReportOptions>().BindConfiguration(ReportOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<ReportStore>();
        builder.Services.AddTenantNotices();
        builder.Services.AddJobHandler<BuildReport, BuildReportHandler>();
        builder.Services.AddJobHandler<RequestReport, RequestReportHandler>();
        builder.Services.AddJobHandler<TellReport, TellReportHandler>();
    }
}
