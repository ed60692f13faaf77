using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Tests.Dashboard;

/// <summary>A small application with its dashboard on free ports, and the key to its resource service.</summary>
public sealed class RunningApplication : IAsyncLifetime, IDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private DistributedApplication? _application;

    internal DashboardSettings Settings { get; private set; } = null!;

    internal GrpcTestClient ResourceService { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (OperatingSystem.IsWindows()) return; // Its tests need a shell.
        var builder = DistributedApplication.CreateBuilder(["--ASPIRE_ALLOW_UNSECURED_TRANSPORT=true", "--DcpPublisher:RandomizePorts=true"]);
        var secret = builder.AddParameter("secret", "hush", secret: true);
        builder.AddExecutable("waiter", "/bin/sh", "/", "-c", "echo hello; trap 'exit 0' TERM; while :; do sleep 1; done")
            .WithEnvironment("SECRET", secret);
        _application = builder.Build();
        await _application.StartAsync();

        Settings = _application.Services.GetRequiredService<DashboardSettings>();
        var dashboard = await _application.ResourceNotifications.WaitForResourceAsync(
            DashboardHost.ResourceName, change => change.Snapshot.EnvironmentVariables.Any()).WaitAsync(Patience);
        var address = dashboard.Snapshot.EnvironmentVariables.Single(v => v.Name == "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL").Value!;
        ResourceService = new GrpcTestClient(new Uri(address), Settings.ResourceServiceApiKey);
    }

    public async Task DisposeAsync()
    {
        if (_application is null) return;
        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    public void Dispose() => ResourceService?.Dispose();
}
