using System.Collections.Concurrent;

namespace Platform.Jobs.Engine;

/// <summary>
/// The runs under way in this process. A job can be among them twice: an attempt that lost its lease may not have stopped
/// yet when the next one starts.
/// </summary>
internal sealed class RunningJobs
{
    private readonly ConcurrentDictionary<RunningJob, bool> _runs = new(ReferenceEqualityComparer.Instance);

    public Guid[] Ids => [.. All.Select(run => run.JobId)];

    public IEnumerable<RunningJob> All => _runs.Select(pair => pair.Key);

    public void Add(RunningJob run) => _runs[run] = true;

    public void Remove(RunningJob run) => _runs.TryRemove(run, out _);

    public void Stop(Guid id, StopReason reason)
    {
        foreach (var run in All.Where(run => run.JobId == id))
            run.Stop(reason);
    }

    public void StopAll(StopReason reason)
    {
        foreach (var run in All)
            run.Stop(reason);
    }
}
