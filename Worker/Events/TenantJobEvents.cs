using System.Diagnostics;
using System.Text.Json;
using Platform.Events;
using Platform.Jobs;

namespace Platform.Worker.Events;

/// <summary>
/// Tells a tenant's listeners what happens to its jobs: <c>job.running</c>, <c>job.progress</c>, <c>job.succeeded</c>, <c>job.retrying</c>…; and
/// whoever has rows that follow them.
/// </summary>
internal sealed class TenantJobEvents(ITenantEvents events, JobFollowing following) : IJobEvents
{
    public async ValueTask PublishAsync(JobEvent jobEvent, CancellationToken cancellationToken)
    {
        following.Note(jobEvent);
        // In the trace of the run that caused it, though the run itself may be over.
        _ = ActivityContext.TryParse(jobEvent.TraceParent, null, isRemote: false, out var parent);
        using var activity = WorkerTelemetry.Source.StartActivity("job event", ActivityKind.Internal, parent);
        activity?.SetTag("tenant.id", jobEvent.Tenant.ToString());

        var name = jobEvent is { State: JobStates.Running, IsStart: false } ? "progress" : jobEvent.State;
        var data = JsonSerializer.SerializeToElement(
            new
            {
                id = jobEvent.JobId,
                type = jobEvent.Type,
                queue = jobEvent.Queue,
                state = jobEvent.State,
                progress = new { done = jobEvent.Progress.Done, total = jobEvent.Progress.Total, percent = jobEvent.Progress.Percent },
            });
        await events.PublishAsync(jobEvent.Tenant, new TenantEvent($"job.{name}", data, $"job:{jobEvent.JobId}"), cancellationToken);
    }
}
