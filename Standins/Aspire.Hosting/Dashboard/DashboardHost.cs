using System.Collections.Immutable;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Bundle;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// Starts the resource service and puts the dashboard into the model as a hidden executable. It listens on its ports itself, no
/// proxy before it, so that its addresses are known before anything runs and no service waits for it.
/// </summary>
internal sealed partial class DashboardHost(
    DashboardSettings settings,
    IAspireBundleLocator bundles,
    ResourceService service,
    ResourceFeed feed,
    ResourceNotificationService notifications,
    ResourceLoggerService resourceLoggers,
    ILoggerFactory loggers) : IDashboardHost, IDisposable
{
    public const string ResourceName = "aspire-dashboard";
    private const string Nice = "/usr/bin/nice";

    /// <summary>A predecessor that was killed takes a few seconds to release its ports.</summary>
    private static readonly TimeSpan PortPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    private readonly ILogger _logger = loggers.CreateLogger("Aspire.Hosting.DistributedApplication");
    private readonly CancellationTokenSource _stopping = new();
    private ResourceServiceServer? _server;
    private Task _background = Task.CompletedTask;

    public DashboardOtlpEndpoint? Otlp { get; private set; }

    public async Task StartAsync(DistributedApplicationModel model, CancellationToken cancellationToken)
    {
        var feeding = feed.RunAsync(_stopping.Token);
        await WaitForPortsAsync(cancellationToken);
        _server = await ResourceServiceServer.StartAsync(
            service, settings.ResourceServiceApiKey, settings.ResourceServicePort, loggers, cancellationToken);
        var bundle = await bundles.LocateAsync(cancellationToken);

        var resource = CreateResource(bundle.DashboardPath, _server.Address);
        model.Resources.Insert(0, resource);
        var key = settings.Unsecured ? null : settings.OtlpApiKey;
        Otlp = settings.OtlpGrpcUrl is { } grpc
            ? new DashboardOtlpEndpoint(DashboardSettings.Text(grpc), OtlpProtocol.Grpc, key)
            : new DashboardOtlpEndpoint(DashboardSettings.Text(settings.OtlpHttpUrl!), OtlpProtocol.HttpProtobuf, key);
        _background = Task.WhenAll(
            feeding,
            AnnounceAsync(_stopping.Token),
            DashboardLog.ForwardAsync(resource, notifications, resourceLoggers, loggers, _stopping.Token));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (_server is not null) await _server.DisposeAsync();
        await _background.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private ExecutableResource CreateResource(string path, Uri resourceService)
    {
        var assembly = path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        var command = assembly ? "dotnet" : path;

        // It starts beside the services, and they come first: an idle processor is its own, a busy one theirs.
        var isNice = File.Exists(Nice);
        var resource = new ExecutableResource(ResourceName, isNice ? Nice : command, Path.GetDirectoryName(path)!);
        resource.Annotations.Add(new CommandLineArgsCallbackAnnotation(context =>
        {
            // The bundle's program is several in one; a dashboard of its own takes no arguments.
            if (isNice)
            {
                context.Args.Add("-n");
                context.Args.Add("10");
                context.Args.Add(command);
            }

            if (assembly) context.Args.Add(path);
            else if (Path.GetFileNameWithoutExtension(path) == "aspire-managed") context.Args.Add("dashboard");
            return Task.CompletedTask;
        }));
        resource.Annotations.Add(new EnvironmentCallbackAnnotation(context =>
        {
            foreach (var (name, value) in settings.ToEnvironment(resourceService)) context.EnvironmentVariables[name] = value;
            return Task.CompletedTask;
        }));
        resource.Annotations.Add(new ResourceSnapshotAnnotation(new CustomResourceSnapshot
        {
            ResourceType = "Executable",
            Properties = ImmutableArray<ResourcePropertySnapshot>.Empty,
            IsHidden = true,
        }));
        return resource;
    }

    private async Task WaitForPortsAsync(CancellationToken cancellationToken)
    {
        foreach (var url in settings.FrontendUrls.Append(settings.OtlpGrpcUrl).Append(settings.OtlpHttpUrl).OfType<Uri>())
        {
            for (var waited = TimeSpan.Zero; !DashboardSettings.IsFree(url.Port); waited += PollInterval)
            {
                if (waited == TimeSpan.Zero) LogPortTaken(url.Port);
                if (waited >= PortPatience)
                {
                    throw new DistributedApplicationException(
                        $"The dashboard's port {url.Port} is taken. Is the application running already? "
                        + "Stop what holds the port, or set ASPNETCORE_URLS to another address.");
                }
                await Task.Delay(PollInterval, cancellationToken);
            }
        }
    }

    /// <summary>The link is printed when somebody answers there, not before.</summary>
    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!await AnswersAsync(settings.FrontendUrls[0], cancellationToken)) await Task.Delay(PollInterval, cancellationToken);
            foreach (var url in settings.FrontendUrls) LogListening(DashboardSettings.Text(url));
            if (!settings.Unsecured) LogLogin(settings.LoginUrl);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private static async Task<bool> AnswersAsync(Uri url, CancellationToken cancellationToken)
    {
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(url.Host, url.Port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Now listening on: {Url}")]
    private partial void LogListening(string url);

    [LoggerMessage(2, LogLevel.Information, "Login to the dashboard at {Url}")]
    private partial void LogLogin(Uri url);

    [LoggerMessage(3, LogLevel.Information, "Port {Port} of the dashboard is taken; waiting for it.")]
    private partial void LogPortTaken(int port);
}
