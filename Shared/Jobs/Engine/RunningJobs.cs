using System.Collections.Concurrent;

namespace Platform.Jobs.Engine;

/// <summary>The runs under way in this process.</summary>
internal sealed class RunningJobs
{
    private readonly ConcurrentDictionary<Guid, RunningJob> _runs = new();

    public bool IsEmpty => _runs.IsEmpty;

    public Guid[] Ids => [.. _runs.Keys];

    public IEnumerable<RunningJob> All => _runs.Select(pair => pair.Value);

    public void Add(RunningJob run) => _runs[run.JobId] = run;

    public void Remove(RunningJob run) => _runs.TryRemove(new(run.JobId, run));

    public void Stop(Guid id, StopReason reason)
    {
        if (_runs.TryGetValue(id, out var run))
            run.Stop(reason);
    }

    public void StopAll(StopReason reason)
    {
        foreach (var run in All)
            run.Stop(reason);
    }
}
