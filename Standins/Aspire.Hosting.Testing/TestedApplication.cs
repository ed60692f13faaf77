using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>The application of an AppHost whose own entry point starts and stops it, when the test says so.</summary>
internal sealed class TestedApplication(AppHostRun run, DistributedApplication inner) : DistributedApplication(inner)
{
    private readonly IHostApplicationLifetime _lifetime = inner.Services.GetRequiredService<IHostApplicationLifetime>();
    private bool _started;
    private bool _ended;

    public override async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = _lifetime.ApplicationStarted.Register(started.SetResult);
        _started = true;
        run.Proceed();
        if (await Task.WhenAny(started.Task, run.Exited).WaitAsync(cancellationToken) == run.Exited)
        {
            await run.Exited;
            throw new InvalidOperationException("The AppHost has ended; does its entry point run the application?");
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (!_started || _ended)
            return;
        _lifetime.StopApplication();
        await run.Exited.WaitAsync(cancellationToken);
        _ended = true;
    }

    public override async Task RunAsync(CancellationToken cancellationToken = default)
    {
        await StartAsync(cancellationToken);
        await run.Exited.WaitAsync(cancellationToken);
    }

    public override void Dispose()
    {
        EndAsync().GetAwaiter().GetResult();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    public override async ValueTask DisposeAsync()
    {
        await EndAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private async Task EndAsync()
    {
        if (!_started)
        {
            await run.AbandonAsync();
            return;
        }

        try
        {
            await StopAsync();
        }
        catch (Exception) when (run.Exited.IsFaulted)
        {
            // Starting it has told.
        }

        run.Dispose();
    }
}
