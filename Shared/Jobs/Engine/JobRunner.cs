using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Jobs.Internal;
using Platform.Tenancy;

namespace Platform.Jobs.Engine;

/// <summary>Runs one claimed job in a scope of its own and decides what becomes of it.</summary>
internal sealed class JobRunner(
    IServiceScopeFactory scopes,
    IEnumerable<JobRegistration> registrations,
    RunningJobs running,
    OutcomeWriter outcomes,
    WorkerLease lease,
    ProgressWriter progress,
    BatchReader batches,
    JobMetrics metrics,
    TimeProvider time,
    IOptions<JobWorkerOptions> options,
    ILogger<JobRunner> logger)
{
    private readonly Dictionary<string, JobRegistration> _registrations =
        registrations.ToDictionary(r => r.Definition.Type, StringComparer.Ordinal);

    /// <returns>False when the run was given up meanwhile: somebody else has the caller's place by now.</returns>
    public async Task<bool> RunAsync(ClaimedJob job)
    {
        using var run = new RunningJob(job, time.GetTimestamp())
        {
            Report = progress.WriteAsync,
            ReadBatch = batches.ReadAsync,
            ReportInterval = options.Value.ProgressInterval,
            Time = time,
        };
        running.Add(run);
        if (!lease.Holds(job.Worker))
        {
            running.Remove(run);
            metrics.Recorded(job, "fenced");
            return run.TryEnd();
        }

        metrics.Started(job);
        using var activity = StartActivity(job);
        run.TraceParent = activity?.Id ?? job.TraceParent;
        var registration = _registrations.GetValueOrDefault(job.Type);
        JobOutcome? outcome;
        Exception? failure = null;
        try
        {
            outcome = await HandleAsync(run, registration);
        }
        catch (Exception e)
        {
            failure = e;
            outcome = Classify(run, registration, e);
        }

        if (!run.TryEnd())
            return false;
        running.Remove(run);
        End(run, outcome, failure, activity);
        return true;
    }

    /// <summary>Gives up a run whose handler doesn't stop: the job goes on without it.</summary>
    /// <returns>False when the run has ended by itself.</returns>
    public bool Abandon(RunningJob run)
    {
        if (!run.TryEnd())
            return false;
        running.Remove(run);
        logger.Abandoned(run.JobId, run.Job.Type);
        var failure = new OperationCanceledException("The handler did not stop when asked to.");
        End(run, Classify(run, _registrations.GetValueOrDefault(run.Job.Type), failure), failure, null);
        return true;
    }

    private async Task<JobOutcome> HandleAsync(RunningJob run, JobRegistration? registration)
    {
        if (registration is null)
            throw new JobException($"No handler for jobs of type '{run.Job.Type}' is registered in this version.");
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantContext>().Set(run.Tenant);
        var result = await registration.RunAsync(scope.ServiceProvider, run.Job.Payload, run, run.Token);
        await run.FlushProgressAsync(CancellationToken.None);
        return new JobOutcome(
            run.Job,
            JobStates.Succeeded,
            Result: result is null ? null : JobJson.Result(registration.Definition, result),
            Progress: run.Progress,
            TraceParent: run.TraceParent);
    }

    private static JobOutcome? Classify(RunningJob run, JobRegistration? registration, Exception exception)
    {
        var job = run.Job;
        var outcome = new JobOutcome(job, null, Progress: run.Progress, TraceParent: run.TraceParent, WasTold: run.IsTold);
        switch (run.Reason)
        {
            case StopReason.LeaseLost:
                return null;
            case StopReason.Shutdown:
                return outcome;
            case StopReason.Cancelled:
                return outcome with { State = JobStates.Cancelled };
        }

        if (exception is SnoozeJobException snooze)
            return outcome with { Delay = snooze.Delay };

        outcome = outcome with
        {
            Error = Text(exception switch
            {
                _ when run.Reason == StopReason.TimedOut => $"The attempt took longer than {job.TimeoutSeconds} s.",
                PermanentJobException or JobException => exception.Message,
                _ => $"The attempt failed ({exception.GetType().Name}).",
            }),
            Detail = Text(exception.ToString()),
        };
        return exception is PermanentJobException || job.Attempt >= job.MaxAttempts
            ? outcome with { State = JobStates.Dead }
            : outcome with { Delay = Backoff.Delay(registration?.Definition.BackoffSeconds ?? 2, job.Attempt) };
    }

    private void End(RunningJob run, JobOutcome? outcome, Exception? failure, Activity? activity)
    {
        var job = run.Job;
        metrics.Ended(job, time.GetElapsedTime(run.StartedAt));
        activity?.SetTag("job.outcome", outcome?.Name ?? "fenced");
        if (outcome is null)
        {
            metrics.Recorded(job, "fenced");
            return;
        }

        if (outcome.Error is not null)
        {
            activity?.SetStatus(ActivityStatusCode.Error, outcome.Error);
            if (outcome.State is null)
                logger.Retrying(failure, job.Id, job.Type, job.Attempt, outcome.Delay);
            else
                logger.Dead(failure, job.Id, job.Type, job.Attempt, outcome.Error);
        }

        outcomes.Add(outcome);
    }

    private static Activity? StartActivity(ClaimedJob job)
    {
        if (!JobTelemetry.Source.HasListeners())
            return null;
        _ = ActivityContext.TryParse(job.TraceParent, null, isRemote: true, out var parent);
        var activity = JobTelemetry.Source.StartActivity($"process {job.Queue}", ActivityKind.Consumer, parent);
        return activity is null
            ? null
            : JobTelemetry.Tag(activity, "process", job.Queue, job.Type, job.Tenant, job.Id).SetTag("job.attempt", job.Attempt);
    }

    // Postgres stores no NUL characters; a stack trace has no need to fill a page.
    private static string Text(string text)
    {
        text = text.Replace('\0', ' ');
        return text.Length <= 8000 ? text : text[..8000];
    }
}
