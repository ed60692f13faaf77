using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting.Bundle;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dcp;

/// <summary>
/// Starts the orchestrator's process and ends it. The orchestrator watches this process: however the AppHost ends, even by
/// kill -9, it stops everything it started and then itself.
/// </summary>
internal sealed partial class DcpHost(
    IAspireBundleLocator bundle, Lifeline lifeline, IConfiguration configuration, ILogger<DcpHost> logger) : IAsyncDisposable, IDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CleanupTimeout = TimeSpan.FromSeconds(8);

    /// <summary>Of the AppHost itself; the orchestrator's children must not take them for their own.</summary>
    private static readonly string[] NotInherited =
        ["ASPNETCORE_URLS", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "DOTNET_LAUNCH_PROFILE", "ASPIRE_LOGLEVEL"];

    private DcpClient? _client;
    private string? _session;

    /// <summary>Starts the orchestrator and connects to it.</summary>
    public async Task<DcpClient> StartAsync(CancellationToken cancellationToken)
    {
        var programs = await bundle.LocateAsync(cancellationToken);
        await lifeline.TakeAsync(cancellationToken);
        var started = Stopwatch.GetTimestamp();
        _session = Directory.CreateTempSubdirectory("aspire-dcp").FullName;
        var kubeconfig = Path.Combine(_session, "kubeconfig");
        var (certificate, key) = await DcpCertificate.WriteAsync(_session, cancellationToken);

        var start = new ProcessStartInfo(programs.DcpPath) { RedirectStandardOutput = true, RedirectStandardError = true };
        var pid = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        string[] arguments =
        [
            "start-apiserver", "--monitor", pid, "--detach", "--kubeconfig", kubeconfig,
            "--tls-cert-file", certificate, "--tls-key-file", key,
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        if (configuration["DcpPublisher:ContainerRuntime"] is { } runtime)
        {
            start.ArgumentList.Add("--container-runtime");
            start.ArgumentList.Add(runtime);
        }

        foreach (var name in NotInherited)
            start.Environment.Remove(name);
        start.Environment["DCP_SESSION_FOLDER"] = _session;

        using var process = Launch(start);
        var output =
            Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(StartTimeout);
        try
        {
            Kubeconfig? config;
            while ((config = await Kubeconfig.TryReadAsync(kubeconfig, timeout.Token)) is null)
            {
                // The launcher detaches and ends with 0; anything else is a failure.
                if (process is { HasExited: true, ExitCode: not 0 })
                    throw new DistributedApplicationException(
                        $"'{programs.DcpPath}' ended with code {process.ExitCode}: {string.Concat(await output)}");
                await Task.Delay(20, timeout.Token);
            }

            var elapsed = Stopwatch.GetElapsedTime(started);
            LogStarted(elapsed);
            return _client = new DcpClient(config);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DistributedApplicationException(
                $"The orchestrator '{programs.DcpPath}' did not get ready in {StartTimeout.TotalSeconds:0} s.");
        }
    }

    /// <summary>Stops everything that still runs, waits for it, and ends the orchestrator.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_client is not { } client)
            return;

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(CleanupTimeout);
        try
        {
            await client.SetExecutionStatusAsync("CleaningResources", timeout.Token);
            while (await client.GetExecutionStatusAsync(timeout.Token) is not ("CleanupComplete" or "Stopping"))
                await Task.Delay(50, timeout.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // It goes on cleaning up when this process has ended.
            LogCleanupUnfinished(exception.Message);
        }

        try
        {
            using var last = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await client.SetExecutionStatusAsync("Stopping", last.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            LogCleanupUnfinished(exception.Message);
        }

        _client = null;
        client.Dispose();
    }

    public void Dispose() => StopAsync(CancellationToken.None).GetAwaiter().GetResult();

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    private static Process Launch(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new DistributedApplicationException($"The orchestrator could not be started: {exception.Message}", exception);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "The orchestrator got ready in {Elapsed}.")]
    private partial void LogStarted(TimeSpan elapsed);

    [LoggerMessage(2, LogLevel.Warning, "The orchestrator is still cleaning up and will end by itself: {Reason}")]
    private partial void LogCleanupUnfinished(string reason);
}
