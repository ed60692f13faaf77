using Microsoft.Extensions.Diagnostics.HealthChecks;
using Platform.Data.Images;
using Platform.Jobs;
using Platform.Worker.Events;
using Platform.Worker.Handlers;

namespace Platform.Worker.Images;

internal static class ImageExtensions
{
    /// <summary>Needs the tenant cache.</summary>
    public static void AddImages(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ImageOptions>().BindConfiguration(ImageOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<IImageOptimizer, VipsOptimizer>();
        builder.Services.AddSingleton<ImageStore>();
        builder.Services.AddSingleton<ImageNotices>();
        builder.Services.AddSingleton<ImageWorkers>();
        builder.Services.AddHostedService<ImageAnnouncer>();
        builder.Services.AddJobHandler<OptimizeImage, OptimizeImageHandler>();
        builder.Services.AddSingleton<IJobFollower, AbandonedUploads>();
        builder.Services.AddHealthChecks().AddCheck<ImageHealthCheck>("images", HealthStatus.Degraded);
    }
}
