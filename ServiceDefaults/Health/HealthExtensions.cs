using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Platform.ServiceDefaults.Health;

internal static class HealthExtensions
{
    public static void AddPlatformHealth(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddOptions<HealthOptions>()
            .BindConfiguration(HealthOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<HealthReports>();
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [HealthEndpoints.LiveTag]);

        builder.Services.AddOptions<HealthCheckServiceOptions>().PostConfigure<IOptions<HealthOptions>>((registered, health) =>
        {
            foreach (var check in registered.Registrations)
            {
                if (check.Timeout == Timeout.InfiniteTimeSpan)
                    check.Timeout = health.Value.CheckTimeout;
                if (health.Value.Optional.Contains(check.Name))
                    check.FailureStatus = HealthStatus.Degraded;
            }
        });
    }
}
