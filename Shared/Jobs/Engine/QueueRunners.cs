using Microsoft.Extensions.Options;

namespace Platform.Jobs.Engine;

/// <summary>The queues this process serves.</summary>
internal sealed class QueueRunners(JobRunner runner, AsyncSignal wake, TimeProvider time, IOptions<JobWorkerOptions> options)
{
    private readonly Dictionary<string, QueueRunner> _queues = options.Value.Queues.ToDictionary(
        q => q.Key, q => new QueueRunner(q.Key, q.Value, runner, wake, time), StringComparer.Ordinal);

    public QueueRunner this[string queue] => _queues[queue];

    public int Held => _queues.Values.Sum(q => q.Held);

    public bool Serves(string queue) => _queues.ContainsKey(queue);

    public void Start()
    {
        foreach (var queue in _queues.Values)
            queue.Start();
    }

    /// <summary>These queues have a rate limit, others don't.</summary>
    public void Limit(IReadOnlyList<string> queues)
    {
        foreach (var (name, queue) in _queues)
            queue.Limited = queues.Contains(name, StringComparer.Ordinal);
    }

    public IReadOnlyList<(QueueRunner Queue, int Places)> Wanted() =>
        [.. _queues.Values.Select(q => (Queue: q, Places: q.Places())).Where(w => w.Places > 0)];

    /// <summary>Takes out what has not started.</summary>
    public IReadOnlyList<ClaimedJob> Stop() => [.. _queues.Values.SelectMany(q => q.Stop())];
}
