using System.Diagnostics;
using System.Diagnostics.Metrics;
using Platform.Jobs.Internal;
using Platform.Jobs.Upkeep;

namespace Platform.Jobs.Engine;

/// <summary>The meter <c>Platform.Jobs</c>. The tenant is never a label.</summary>
internal sealed class JobMetrics : IDisposable
{
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
    };

    private readonly Meter _meter;
    private readonly Counter<long> _jobs;
    private readonly Histogram<double> _wait;
    private readonly Histogram<double> _run;
    private readonly OutcomeCounts _counts;
    private volatile QueueDepth[] _depths = [];
    private volatile HotTableState? _hotTable;

    public JobMetrics(IMeterFactory meters, OutcomeCounts counts)
    {
        _counts = counts;
        _meter = meters.Create(JobTelemetry.Name);
        _jobs = _meter.CreateCounter<long>("queue_jobs_total", "{job}", "Runs of jobs that ended, by outcome.");
        _wait = _meter.CreateHistogram("queue_wait_duration_seconds", "s", "From the time a job might have run to its start.", advice: Seconds);
        _run = _meter.CreateHistogram("queue_run_duration_seconds", "s", "From a run's start to its end.", advice: Seconds);
        _meter.CreateObservableGauge(
            "queue_depth", () => _depths.Select(d => new Measurement<long>(d.Waiting, Label(d.Queue))), "{job}", "Jobs that wait.");
        _meter.CreateObservableGauge(
            "queue_running", () => _depths.Select(d => new Measurement<long>(d.Running, Label(d.Queue))), "{job}", "Jobs that run.");
        _meter.CreateObservableGauge(
            "queue_oldest_age_seconds", () => _depths.Select(d => new Measurement<double>(d.OldestSeconds, Label(d.Queue))), "s",
            "How long the oldest job that may run has waited.");
        _meter.CreateObservableGauge(
            "queue_lanes_blocked", () => _depths.Select(d => new Measurement<long>(d.BlockedLanes, Label(d.Queue))), "{lane}",
            "Lanes that wait for somebody to look at their dead head.");
        _meter.CreateObservableGauge(
            "queue_snapshot_held_seconds", () => HotTable(t => t.SnapshotSeconds), "s",
            "For how long the oldest snapshot has kept dead rows from being cleaned away.");
        _meter.CreateObservableGauge("queue_dead_rows", () => HotTable(t => t.DeadRows), "{row}", "Dead rows of the hot table.");
    }

    public void Started(ClaimedJob job)
    {
        var seconds = Math.Max(0, job.WaitSeconds);
        _wait.Record(seconds, Label(job.Queue));
        _counts.Waited(job.Queue, seconds);
    }

    public void Ended(ClaimedJob job, TimeSpan run)
    {
        _run.Record(run.TotalSeconds, Label(job.Queue));
        _counts.Ran(job.Queue, run.TotalSeconds);
    }

    public void Recorded(ClaimedJob job, string outcome) => Recorded(job.Queue, outcome);

    public void Recorded(string queue, string outcome)
    {
        _jobs.Add(1, Label(queue), new("outcome", outcome));
        _counts.Add(queue, outcome);
    }

    /// <summary>What the leader has measured; none when this process doesn't lead.</summary>
    public void Depths(QueueDepth[] depths) => _depths = depths;

    /// <inheritdoc cref="Depths"/>
    public void HotTable(HotTableState? state) => _hotTable = state;

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<T>> HotTable<T>(Func<HotTableState, T> value)
        where T : struct => _hotTable is { } state ? [new Measurement<T>(value(state))] : [];

    private static KeyValuePair<string, object?> Label(string queue) => new("queue", queue);

    internal sealed record QueueDepth(string Queue, long Waiting, long Running, double OldestSeconds, long BlockedLanes);

    internal sealed record HotTableState(double SnapshotSeconds, long DeadRows);
}
