using System.Collections.Concurrent;

namespace Platform.Jobs.Tests;

/// <summary>Keeps what was told.</summary>
internal sealed class RecordedEvents : IJobEvents
{
    private readonly ConcurrentQueue<JobEvent> _events = new();

    public List<JobEvent> Of(Guid id) => [.. _events.Where(e => e.JobId == id)];

    public ValueTask PublishAsync(JobEvent jobEvent, CancellationToken cancellationToken)
    {
        _events.Enqueue(jobEvent);
        return ValueTask.CompletedTask;
    }
}
