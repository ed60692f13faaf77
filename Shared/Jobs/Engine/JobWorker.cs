using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Jobs.Upkeep;

namespace Platform.Jobs.Engine;

/// <summary>Starts the engine's parts with the host, and stops them so that no job is lost or counted as failed.</summary>
internal sealed class JobWorker(
    Claimer claimer,
    QueueRunners queues,
    RunningJobs running,
    JobRunner runner,
    OutcomeWriter outcomes,
    WorkerLease lease,
    WakeListener listener,
    Watchdog watchdog,
    Maintenance maintenance,
    Leadership leadership,
    OutcomeCounts counts,
    LanePromoter lanes,
    JobEventPublisher events,
    TimeProvider time,
    IOptions<JobWorkerOptions> options,
    ILogger<JobWorker> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _stopClaiming = new();
    private readonly CancellationTokenSource _stopRest = new();
    private readonly CancellationTokenSource _giveUp = new();
    private Task _claiming = Task.CompletedTask;
    private Task _rest = Task.CompletedTask;
    private Task _outcomes = Task.CompletedTask;
    private Task _events = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        queues.Start();
        _events = events.RunAsync();
        _outcomes = Task.Run(() => outcomes.RunAsync(_giveUp.Token), CancellationToken.None);
        _rest = Task.WhenAll(
            KeepAsync("Heartbeat", lease.RunAsync, _stopRest.Token),
            KeepAsync("Watchdog", watchdog.RunAsync, _stopRest.Token),
            KeepAsync("Listening", listener.RunAsync, _stopRest.Token),
            KeepAsync("Maintenance", maintenance.RunAsync, _stopRest.Token),
            KeepAsync("Leadership", leadership.RunAsync, _stopRest.Token),
            KeepAsync("Statistics", counts.RunAsync, _stopRest.Token));
        _claiming = KeepAsync("Claiming", claimer.RunAsync, _stopClaiming.Token);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopClaiming.CancelAsync();
        await _claiming;
        var unstarted = queues.Stop();
        logger.Draining(queues.Held, unstarted.Count);
        foreach (var job in unstarted)
            outcomes.Add(new JobOutcome(job, null));

        // Running jobs may finish; after the grace period they are asked to stop and go back without costing an attempt.
        if (!await DrainedAsync(options.Value.Drain, cancellationToken))
        {
            running.StopAll(StopReason.Shutdown);
            await DrainedAsync(LastWords, cancellationToken);
            foreach (var run in running.All)
                runner.Abandon(run);
        }

        outcomes.Complete();
        await using (cancellationToken.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), _giveUp))
            await Quietly(_outcomes);
        await _stopRest.CancelAsync();
        lanes.Stop();
        await _rest;
        try
        {
            await lease.ReleaseAsync(cancellationToken);
        }
        catch (Exception e)
        {
            logger.DatabaseAway(e.Message);
        }

        events.Complete();
        await Quietly(_events.WaitAsync(TimeSpan.FromSeconds(1), cancellationToken));
    }

    public void Dispose()
    {
        _stopClaiming.Dispose();
        _stopRest.Dispose();
        _giveUp.Dispose();
    }

    private async Task<bool> DrainedAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (queues.Held > 0)
        {
            if (time.GetElapsedTime(start) >= grace || cancellationToken.IsCancellationRequested)
                return false;
            await Task.Delay(Look, time, CancellationToken.None);
        }

        return true;
    }

    /// <summary>Keeps a part going: one that fails unexpectedly is logged and started again.</summary>
    private Task KeepAsync(string part, Func<CancellationToken, Task> run, CancellationToken stopping) =>
        Part.KeepAsync(part, run, time, logger, stopping);

    private static Task Quietly(Task task) => task.ContinueWith(
        static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
