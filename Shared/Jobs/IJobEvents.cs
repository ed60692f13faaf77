namespace Platform.Jobs;

/// <summary>Is told of what happens to jobs, after the commit; what it does with that must not fail the job.</summary>
public interface IJobEvents
{
    ValueTask PublishAsync(JobEvent jobEvent, CancellationToken cancellationToken);
}
