using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Bundle;
using Aspire.Hosting.Dashboard;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Tests.Dashboard;

/// <summary>What the dashboard's host puts into the model and prints; a listener of the test's own stands in for the dashboard.</summary>
public sealed class DashboardHostTests : IAsyncLifetime, IDisposable
{
    private readonly RecordingLoggers _log = new();
    private readonly DistributedApplicationModel _model = new([new ParameterResource("p", _ => "v")]);
    private readonly List<KeyValuePair<string, string?>> _configuration = [new("ASPIRE_ALLOW_UNSECURED_TRANSPORT", "true")];
    private readonly Lazy<IHost> _host;

    public DashboardHostTests() => _host = new(() =>
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "Shop.AppHost" });
        builder.Configuration.AddInMemoryCollection(_configuration);
        builder.Services.AddSingleton<ILoggerFactory>(_log);
        builder.Services.AddSingleton(new DistributedApplicationOptions());
        builder.Services.AddSingleton<ResourceLoggerService>();
        builder.Services.AddSingleton(services => new ResourceNotificationService(
            services.GetRequiredService<ILogger<ResourceNotificationService>>(), services,
            services.GetRequiredService<ResourceLoggerService>(), WaitBehavior.WaitOnResourceUnavailable));
        builder.Services.AddSingleton(services => new ResourceCommandService(
            services.GetRequiredService<ResourceNotificationService>(), services.GetRequiredService<ResourceLoggerService>(), services));
        builder.Services.AddSingleton<IAspireBundleLocator>(new FixedBundle());
        builder.Services.AddDashboard();
        return builder.Build();
    });

    private IDashboardHost Dashboard => _host.Value.Services.GetRequiredService<IDashboardHost>();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Dashboard.StopAsync(default);
        _host.Value.Dispose();
    }

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task StartAsync_puts_a_hidden_executable_first_in_the_model()
    {
        await Dashboard.StartAsync(_model, default);

        var resource = Assert.IsType<ExecutableResource>(_model.Resources[0]);
        Assert.Equal(("aspire-dashboard", "/opt/bundle/managed"), (resource.Name, resource.WorkingDirectory));
        Assert.True(resource.IsHidden());
        var args = new CommandLineArgsCallbackContext([], resource);
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>()) await annotation.Callback(args);

        // Where there is nice, the services come first.
        string[] program = ["/opt/bundle/managed/aspire-managed", "dashboard"];
        string[] expected = File.Exists("/usr/bin/nice") ? ["/usr/bin/nice", "-n", "10", .. program] : program;
        string[] started = [resource.Command, .. args.Args.Cast<string>()];
        Assert.Equal(expected, started);
        Assert.Equal(OtlpProtocol.Grpc, Dashboard.Otlp?.Protocol);
        Assert.NotNull(Dashboard.Otlp?.ApiKey);
    }

    [Fact]
    public async Task StartAsync_prints_the_login_link_once_the_dashboard_answers()
    {
        var port = DashboardSettings.FreePort();
        using var listener = new TcpListener(IPAddress.Loopback, port);
        _configuration.Add(new("ASPNETCORE_URLS", $"http://localhost:{port}"));
        _configuration.Add(new("ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN", "abc"));

        await Dashboard.StartAsync(_model, default);
        Assert.DoesNotContain(_log.Lines, line => line.Contains("Login", StringComparison.Ordinal));
        listener.Start();

        await _log.SeenAsync($"Login to the dashboard at http://localhost:{port}/login?t=abc");
        Assert.Contains($"Now listening on: http://localhost:{port}", _log.Lines);
    }

    [Fact]
    public async Task StartAsync_port_taken_waits_for_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _configuration.Add(new("ASPNETCORE_URLS", $"http://localhost:{port}"));

        var start = Dashboard.StartAsync(_model, default);
        await _log.SeenAsync($"Port {port} of the dashboard is taken; waiting for it.");
        Assert.False(start.IsCompleted);
        listener.Stop();

        await start.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("""2026-01-01T00:00:00.0000000Z {"LogLevel":"Warning","Category":"Kestrel","Message":"odd"}""", "odd")]
    [InlineData("""{"LogLevel":"Error","Category":"Kestrel","Message":"broken","Exception":"at X"}""", "broken")]
    [InlineData("""{"LogLevel":"Information","Category":"Kestrel","Message":"fine"}""", null)]
    [InlineData("""{"LogLevel":"Error","Cat""", null)]
    [InlineData("plain text", null)]
    public void Forward_brings_warnings_and_errors_to_the_hosts_log(string line, string? expected)
    {
        DashboardLog.Forward(new LogLine(1, line, false), _log);

        Assert.Equal(expected, _log.Lines.SingleOrDefault()?.Split('\n')[0].TrimEnd());
    }

    private sealed class FixedBundle : IAspireBundleLocator
    {
        public Task<AspireBundle> LocateAsync(CancellationToken cancellationToken) =>
            Task.FromResult(new AspireBundle("/opt/bundle/dcp/dcp", "/opt/bundle/managed/aspire-managed"));
    }
}
