using Microsoft.Extensions.Options;

namespace Platform.Jobs.Engine;

/// <summary>
/// Stops runs that take too long, and gives up those that don't stop. Tells that a job runs once it has run for a while, so that the many
/// that are done at once cost nothing.
/// </summary>
internal sealed class Watchdog(
    RunningJobs running, JobRunner runner, QueueRunners queues, JobEventPublisher events, TimeProvider time, IOptions<JobWorkerOptions> options)
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
            if (events.Enabled && !run.IsTold && time.GetElapsedTime(run.StartedAt, now) >= Interval && run.TryTell())
                events.Publish(new JobEvent(run.Tenant, run.JobId, run.Job.Type, run.Job.Queue, JobStates.Running, run.Progress, run.TraceParent) { IsStart = true });
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
