using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Jobs.Engine;

namespace Platform.Jobs.Upkeep;

/// <summary>
/// Counts what this process has ended and adds it to jobs.statistics every few seconds: nothing of it is on a job's way. What a
/// killed process had not added yet is missing there.
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
        var counts = _queues.GetOrAdd(queue, static _ => new Counts());
        counts.Add(kind.Value, 1);
        // The attempt that a job died of has failed too.
        if (kind is Kind.Dead)
            counts.Add(Kind.Failed, 1);
    }

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
        var taken = _queues.Select(q => (Queue: q.Key, Counts: q.Value, Values: q.Value.Take())).Where(t => t.Values.Any(v => v > 0)).ToArray();
        if (taken.Length == 0)
            return;
        try
        {
            await using var command = database.Writes.CreateCommand(UpkeepSql.Count);
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. taken.Select(t => t.Queue)] });
            foreach (var kind in Enum.GetValues<Kind>())
                command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. taken.Select(t => t.Values[(int)kind])] });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException or OperationCanceledException)
        {
            // Next time. An answer that was lost on its way is counted twice: these are figures to look at, not to bill by.
            foreach (var (_, counts, values) in taken)
                counts.PutBack(values);
            logger.DatabaseAway(e.Message);
        }
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
