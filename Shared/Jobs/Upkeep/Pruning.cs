using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Jobs.Engine;
using Platform.Jobs.Internal;
using Platform.Jobs.Schedules;

namespace Platform.Jobs.Upkeep;

/// <summary>
/// Deletes what is past its retention. Reads all of the history once, a slice at a time, and remembers of each slice when the next of its
/// jobs can be due; from then on it reads those slices only in which something is due, and what is new.
/// </summary>
internal sealed class Pruning(JobDatabase database, TimeProvider time, IOptions<JobWorkerOptions> options, ILogger<Pruning> logger) : LeaderDuty
{
    private static readonly Guid Newest = Guid.AllBitsSet;
    private readonly List<Slice> _slices = [];

    /// <summary>Jobs in a slice; for tests.</summary>
    internal int SliceSize { get; init; } = 2000;

    /// <summary>Slices read so far; for tests.</summary>
    internal int Read { get; private set; }

    public override async Task RunAsync(CancellationToken lead)
    {
        while (!lead.IsCancellationRequested)
        {
            await Task.Delay(options.Value.PruneInterval, time, lead);
            await PruneAsync(lead);
        }
    }

    /// <returns>How many jobs were deleted.</returns>
    internal async Task<int> PruneAsync(CancellationToken cancellationToken)
    {
        var total = 0;
        for (var i = 0; i < _slices.Count; i++)
        {
            if (_slices[i].DueAt > time.GetTimestamp())
                continue;
            var slice = await PruneAsync(_slices[i].After, _slices[i].Last, cancellationToken);
            total += slice.Deleted;

            // Of an empty one its stretch of ids stays, for a transaction that takes long commits into it late.
            _slices[i] = _slices[i] with { DueAt = slice.DueAt };
        }

        Merge();
        var after = _slices is [.., var last] ? last.Last : Guid.Empty;
        for (var full = true; full;)
        {
            var slice = await PruneAsync(after, Newest, cancellationToken);
            total += slice.Deleted;
            full = slice.Looked == SliceSize;
            if (full)
                _slices.Add(new Slice(after, slice.Last, slice.DueAt));
            after = slice.Last;
        }

        await using var runs = database.Writes.CreateCommand(ScheduleSql.PruneRuns);
        await runs.ExecuteNonQueryAsync(cancellationToken);
        if (total > 0)
            logger.Pruned(total);
        return total;
    }

    /// <summary>An empty slice's stretch becomes the next one's, so that there are no more slices than jobs fill.</summary>
    private void Merge()
    {
        for (var i = _slices.Count - 2; i >= 0; i--)
        {
            if (_slices[i].DueAt is not null)
                continue;
            _slices[i + 1] = _slices[i + 1] with { After = _slices[i].After };
            _slices.RemoveAt(i);
        }
    }

    private async Task<(Guid Last, int Deleted, int Looked, long? DueAt)> PruneAsync(Guid after, Guid last, CancellationToken cancellationToken)
    {
        Read++;
        await using var command = database.Writes.CreateCommand(JobSql.Prune);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = SliceSize });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = last });
        var sent = time.GetTimestamp();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (
            reader.IsDBNull(0) ? after : reader.GetGuid(0),
            reader.GetInt32(1),
            reader.GetInt32(2),
            reader.IsDBNull(3) ? null : sent + (long)(reader.GetDouble(3) * time.TimestampFrequency));
    }

    /// <param name="DueAt">By the local clock's timestamp; null when it is empty.</param>
    private readonly record struct Slice(Guid After, Guid Last, long? DueAt);
}
