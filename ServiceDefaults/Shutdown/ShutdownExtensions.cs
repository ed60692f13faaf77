using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Platform.ServiceDefaults.Shutdown;

internal static class ShutdownExtensions
{
    public static void AddGracefulShutdown(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ShutdownOptions>()
            .Configure(options => options.DrainDelay = builder.Environment.IsDevelopment() ? TimeSpan.Zero : TimeSpan.FromSeconds(5))
            .BindConfiguration(ShutdownOptions.Section)
            .ValidateDataAnnotations()
            .Validate(options => options.DrainDelay < options.Timeout, "Shutdown:DrainDelay must be shorter than Shutdown:Timeout.")
            .ValidateOnStart();
        builder.Services.AddOptions<HostOptions>()
            .Configure<IOptions<ShutdownOptions>>((host, shutdown) => host.ShutdownTimeout = shutdown.Value.Timeout);
        builder.Services.AddSingleton<Readiness>();
        builder.Services.AddHostedService<DrainService>();
    }
}
