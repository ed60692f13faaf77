using System.Collections.Concurrent;
using StackExchange.Redis;

namespace Platform.Statistics;

/// <summary>The figures of all processes, put together.</summary>
public sealed class StatisticsReader
{
    /// <summary>Longest window, minutes: as long as figures are kept.</summary>
    public const int LongestWindow = 60;

    // Minutes nobody writes any more, all processes put together.
    private readonly ConcurrentDictionary<long, MinuteFigures> _finished = new();
    private readonly StatisticsRedis _redis;
    private readonly LocalStatistics _local;
    private readonly TimeProvider _time;

    internal StatisticsReader(StatisticsRedis redis, LocalStatistics local, TimeProvider time) =>
        (_redis, _local, _time) = (redis, local, time);

    /// <summary>Figures of the running minute and of the whole minutes of the window before it.</summary>
    /// <param name="window">Minutes, 1 to <see cref="LongestWindow"/>.</param>
    /// <param name="cancellationToken">Ends the wait for Redis.</param>
    /// <exception cref="ArgumentOutOfRangeException">The window is shorter or longer.</exception>
    public async Task<StatisticsReport> GetAsync(int window, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(window, LongestWindow);
        var now = _time.GetUtcNow();
        var last = LocalStatistics.MinuteOf(now);
        var first = last - window;
        // What this process has counted since its last flush is there already; the others' follows within a second.
        _local.Collect(now);

        var figures = new MinuteFigures();
        var missing = new List<long>();
        for (var minute = first; minute <= last; minute++)
        {
            if (_finished.TryGetValue(minute, out var known))
                known.AddTo(figures);
            else
                missing.Add(minute);
        }
        if (await _redis.ReadAsync([.. missing], cancellationToken) is not { } found)
            return Local(first, last);
        for (var index = 0; index < found.Length; index++)
        {
            if (missing[index] >= last - StatisticsFlusher.LateMinutes - 1)
            {
                Read(missing[index], found[index], figures);
                continue;
            }
            var finished = new MinuteFigures();
            Read(missing[index], found[index], finished);
            Keep(missing[index], finished = finished.Packed(), last);
            finished.AddTo(figures);
        }
        return figures.Report(isLocal: false);
    }

    /// <summary>All processes' fields of a minute; of this process's own what it has itself, which is newer.</summary>
    private void Read(long name, HashEntry[] fields, MinuteFigures figures)
    {
        var own = _local.Fields(name);
        foreach (var field in fields)
        {
            string text = field.Name!;
            if (!text.StartsWith(_local.Process, StringComparison.Ordinal) && (byte[]?)field.Value is { } value)
                figures.Add(text, value);
        }
        foreach (var (field, value) in own)
            figures.Add(field, value);
    }

    private StatisticsReport Local(long first, long last)
    {
        var figures = new MinuteFigures();
        for (var minute = first; minute <= last; minute++)
        {
            foreach (var (field, value) in _local.Fields(minute))
                figures.Add(field, value);
        }
        return figures.Report(isLocal: true);
    }

    private void Keep(long minute, MinuteFigures figures, long last)
    {
        _finished[minute] = figures;
        foreach (var old in _finished.Keys.Where(old => old < last - LongestWindow))
            _finished.TryRemove(old, out _);
    }
}
