using Microsoft.Extensions.Options;

namespace Platform.Jobs.Engine;

/// <summary>Stops runs that take too long, and gives up those that don't stop.</summary>
internal sealed class Watchdog(
    RunningJobs running, JobRunner runner, QueueRunners queues, TimeProvider time, IOptions<JobWorkerOptions> options)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            var now = time.GetTimestamp();
            foreach (var run in running.All)
                Check(run, now);
        }
    }

    private void Check(RunningJob run, long now)
    {
        if (run.Reason == StopReason.None)
        {
            if (time.GetElapsedTime(run.StartedAt, now).TotalSeconds >= run.Job.TimeoutSeconds)
                run.Stop(StopReason.TimedOut);
        }
        else if (run.StoppedAt is > 0 and var stopped && time.GetElapsedTime(stopped, now) >= options.Value.Abandon && runner.Abandon(run))
        {
            // The handler still sits on its consumer: a new one takes the place.
            var queue = queues[run.Job.Queue];
            queue.Ended();
            queue.StartConsumer();
        }
    }
}
