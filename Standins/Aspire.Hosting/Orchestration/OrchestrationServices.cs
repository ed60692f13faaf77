using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Orchestration;

internal static class OrchestrationServices
{
    public static void AddOrchestration(this IServiceCollection services)
    {
        services.AddSingleton<ResourceHealthMonitor>();
        services.AddSingleton<ConsoleReporter>();
        services.AddSingleton<ResourceLogForwarder>();
        services.AddHostedService<ApplicationOrchestrator>();
    }
}
