using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Jobs.Engine;

namespace Platform.Jobs.Upkeep;

/// <summary>
/// Counts what this process has ended, and how long it waited and ran, and adds it to jobs.statistics every few seconds: nothing of it
/// is on a job's way. What a killed process had not added yet is missing there.
/// </summary>
internal sealed class OutcomeCounts(JobDatabase database, TimeProvider time, IOptions<JobWorkerOptions> options, ILogger<OutcomeCounts> logger)
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, Counts> _queues = new(StringComparer.Ordinal);

    /// <param name="outcome">As the metrics name it.</param>
    public void Add(string queue, string outcome)
    {
        var kind = outcome switch
        {
            JobStates.Succeeded => Kind.Completed,
            JobStates.Retrying => Kind.Failed,
            JobStates.Dead => Kind.Dead,
            JobStates.Cancelled => Kind.Cancelled,
            _ => (Kind?)null,
        };
        if (kind is null)
            return;
        var counts = Of(queue);
        counts.Add(kind.Value, 1);
        // The attempt that a job died of has failed too.
        if (kind is Kind.Dead)
            counts.Add(Kind.Failed, 1);
    }

    public void Waited(string queue, double seconds) => Of(queue).Waits.Add(seconds);

    public void Ran(string queue, double seconds) => Of(queue).Runs.Add(seconds);

    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.Value.MaintenanceInterval, time, stopping);
                await StoreAsync(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            using var soon = new CancellationTokenSource(LastWords, time);
            await StoreAsync(soon.Token);
        }
    }

    internal async Task StoreAsync(CancellationToken cancellationToken)
    {
        var taken = _queues.Select(q => (Queue: q.Key, Counts: q.Value, Values: q.Value.Take(), Waits: q.Value.Waits.Take(), Runs: q.Value.Runs.Take()))
            .Where(t => t.Values.Any(v => v > 0) || t.Waits.Buckets.Length > 0 || t.Runs.Buckets.Length > 0).ToArray();
        if (taken.Length == 0)
            return;
        try
        {
            await using var command = database.Writes.CreateCommand(UpkeepSql.Count);
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. taken.Select(t => t.Queue)] });
            foreach (var kind in Enum.GetValues<Kind>())
                command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. taken.Select(t => t.Values[(int)kind])] });
            command.Parameters.Add(new NpgsqlParameter<double[]> { TypedValue = [.. taken.Select(t => t.Waits.Seconds)] });
            command.Parameters.Add(new NpgsqlParameter<double[]> { TypedValue = [.. taken.Select(t => t.Runs.Seconds)] });
            AddBuckets(command.Parameters, [.. taken.Select(t => (t.Queue, false, t.Waits)), .. taken.Select(t => (t.Queue, true, t.Runs))]);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException or OperationCanceledException)
        {
            // Next time. An answer that was lost on its way is counted twice: these are figures to look at, not to bill by.
            foreach (var (_, counts, values, waits, runs) in taken)
            {
                counts.PutBack(values);
                counts.Waits.PutBack(waits);
                counts.Runs.PutBack(runs);
            }

            logger.DatabaseAway(e.Message);
        }
    }

    private Counts Of(string queue) => _queues.GetOrAdd(queue, static _ => new Counts());

    /// <summary>All queues' buckets as flat arrays, whether they are of runs beside each.</summary>
    private static void AddBuckets(NpgsqlParameterCollection parameters, (string Queue, bool Ran, DurationCounts Counts)[] all)
    {
        parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. all.SelectMany(a => a.Counts.Buckets.Select(_ => a.Queue))] });
        parameters.Add(new NpgsqlParameter<bool[]> { TypedValue = [.. all.SelectMany(a => a.Counts.Buckets.Select(_ => a.Ran))] });
        parameters.Add(new NpgsqlParameter<short[]> { TypedValue = [.. all.SelectMany(a => a.Counts.Buckets)] });
        parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. all.SelectMany(a => a.Counts.Counts)] });
    }

    // In the order of statistics_count.sql's parameters.
    private enum Kind
    {
        Completed,
        Failed,
        Dead,
        Cancelled,
    }

    private sealed class Counts
    {
        private readonly long[] _values = new long[Enum.GetValues<Kind>().Length];

        public DurationHistogram Waits { get; } = new();

        public DurationHistogram Runs { get; } = new();

        public void Add(Kind kind, long count) => Interlocked.Add(ref _values[(int)kind], count);

        public long[] Take()
        {
            var taken = new long[_values.Length];
            for (var i = 0; i < taken.Length; i++)
                taken[i] = Interlocked.Exchange(ref _values[i], 0);
            return taken;
        }

        public void PutBack(long[] values)
        {
            for (var i = 0; i < values.Length; i++)
                Interlocked.Add(ref _values[i], values[i]);
        }
    }
}
