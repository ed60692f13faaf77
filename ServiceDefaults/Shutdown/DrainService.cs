using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Platform.ServiceDefaults.Shutdown;

/// <summary>Not ready as soon as the service begins to stop; only after the delay does the server stop listening.</summary>
internal sealed partial class DrainService(
    Readiness readiness,
    IHostApplicationLifetime lifetime,
    IOptions<ShutdownOptions> options,
    TimeProvider time,
    ILogger<DrainService> logger,
    IServer? server = null) : IHostedLifecycleService, IDisposable
{
    private CancellationTokenRegistration _stopping;
    private bool _delayed;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _stopping = lifetime.ApplicationStopping.Register(readiness.Drain);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        readiness.Drain();

        // Nobody sends requests to a process that doesn't listen, such as one that runs to completion.
        if (server is null || options.Value.DrainDelay == TimeSpan.Zero || Interlocked.Exchange(ref _delayed, true))
            return;

        Draining(options.Value.DrainDelay.TotalSeconds);
        await Task.Delay(options.Value.DrainDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    [LoggerMessage(1002, LogLevel.Information, "Not ready any more; requests are taken for another {Seconds} s")]
    private partial void Draining(double seconds);
}
