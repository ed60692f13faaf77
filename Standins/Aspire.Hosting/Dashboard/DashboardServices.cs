using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Dashboard;

internal static class DashboardServices
{
    public static void AddDashboard(this IServiceCollection services)
    {
        services.AddSingleton(provider => DashboardSettings.From(
            provider.GetRequiredService<IConfiguration>(),
            Parameters.UserSecretsStore.For(provider.GetRequiredService<DistributedApplicationOptions>().ResolveAssembly())));
        services.AddSingleton<ResourceFeed>();
        services.AddSingleton(provider => new ResourceService(
            provider.GetRequiredService<ResourceFeed>(),
            provider.GetRequiredService<ResourceLoggerService>(),
            provider.GetRequiredService<ResourceCommandService>(),
            ApplicationName(provider.GetRequiredService<IHostEnvironment>().ApplicationName)));
        services.AddSingleton<IDashboardHost, DashboardHost>();
    }

    /// <summary>What stands in the page's head: the AppHost's name without what every AppHost is called.</summary>
    internal static string ApplicationName(string name) =>
        name.EndsWith("AppHost", StringComparison.OrdinalIgnoreCase) && name.Length > "AppHost".Length
            ? name[..^"AppHost".Length].TrimEnd('.', '-', '_')
            : name;
}
