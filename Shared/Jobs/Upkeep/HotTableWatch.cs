using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Jobs.Engine;

namespace Platform.Jobs.Upkeep;

/// <summary>
/// Watches what makes a queue on Postgres slow: snapshots held open, for whose sake dead rows can't be cleaned away, the dead rows
/// themselves, and bloated indexes, which it has rebuilt when that is asked for.
/// </summary>
internal sealed class HotTableWatch(
    JobDatabase database,
    IndexRebuild rebuild,
    JobMetrics metrics,
    TimeProvider time,
    IOptions<JobWorkerOptions> options,
    ILogger<HotTableWatch> logger) : LeaderDuty
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RebuildInterval = TimeSpan.FromMinutes(10);

    /// <summary>An alarm that lasts is told again after this long.</summary>
    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(10);

    private readonly HeldSnapshots _held = new(time);
    private readonly Dictionary<string, long> _told = [];

    public override async Task RunAsync(CancellationToken lead)
    {
        long? rebuiltAt = null;
        try
        {
            while (true)
            {
                var calm = await LookAsync(lead);
                if (calm && (rebuiltAt is null || time.GetElapsedTime(rebuiltAt.Value) >= RebuildInterval))
                {
                    rebuiltAt = time.GetTimestamp();
                    await rebuild.RunAsync(lead);
                }

                await Task.Delay(Interval, time, lead);
            }
        }
        finally
        {
            metrics.HotTable(null);
        }
    }

    /// <returns>True when no snapshot has been held for long: a rebuild would wait for it.</returns>
    internal async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        var held = new List<(string, string, double?)>();
        await using (var command = database.Writes.CreateCommand(UpkeepSql.Horizon))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                held.Add((reader.GetString(0), reader.GetString(1), reader.IsDBNull(3) ? null : reader.GetDouble(3)));
        }

        var size = await rebuild.SizeAsync(cancellationToken);
        var longest = _held.Longest(held);
        var seconds = longest?.Seconds ?? 0;
        metrics.HotTable(new(seconds, size.DeadRows));
        if (Alarm("snapshot", options.Value.SnapshotAlarm > TimeSpan.Zero && seconds >= options.Value.SnapshotAlarm.TotalSeconds))
            logger.SnapshotHeld(longest!.Value.Holder, TimeSpan.FromSeconds((long)seconds));
        if (Alarm("dead rows", options.Value.DeadRowsAlarm > 0 && size.DeadRows >= options.Value.DeadRowsAlarm))
            logger.DeadRows(size.DeadRows, size.LiveRows);
        return seconds < Reminder.TotalSeconds / 10;
    }

    private bool Alarm(string name, bool on)
    {
        if (!on)
        {
            _told.Remove(name);
            return false;
        }

        if (_told.TryGetValue(name, out var at) && time.GetElapsedTime(at) < Reminder)
            return false;
        _told[name] = time.GetTimestamp();
        return true;
    }
}
