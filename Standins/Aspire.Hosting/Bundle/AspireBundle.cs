using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Bundle;

/// <summary>Where the orchestrator's and the dashboard's programs are.</summary>
internal sealed record AspireBundle(string DcpPath, string DashboardPath);

/// <summary>Finds or fetches the programs.</summary>
internal interface IAspireBundleLocator
{
    Task<AspireBundle> LocateAsync(CancellationToken cancellationToken);
}

/// <summary>The paths given in the environment.</summary>
internal sealed class EnvironmentBundleLocator : IAspireBundleLocator
{
    public Task<AspireBundle> LocateAsync(CancellationToken cancellationToken) => Task.FromResult(new AspireBundle(
        Path.Combine(Environment.GetEnvironmentVariable("ASPIRE_DCP_PATH")!, "dcp"), Environment.GetEnvironmentVariable("ASPIRE_DASHBOARD_PATH")!));
}

internal static class BundleServices
{
    public static void AddAspireBundle(this IServiceCollection services) => services.AddSingleton<IAspireBundleLocator, EnvironmentBundleLocator>();
}
