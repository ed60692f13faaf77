namespace Platform.Jobs.Upkeep;

/// <summary>
/// Counts durations in buckets, eight to each doubling, so that a percentile is within 5 % of the exact one. One addition and no
/// allocation for each.
/// </summary>
internal sealed class DurationHistogram
{
    private const int PerDoubling = 8;

    // In microseconds: the last one begins at twelve days and has all that is longer.
    private readonly long[] _counts = new long[PerDoubling * 40];
    private long _microseconds;

    public void Add(double seconds)
    {
        var microseconds = Math.Max(1, seconds * 1e6);
        Interlocked.Increment(ref _counts[Math.Min((int)(Math.Log2(microseconds) * PerDoubling), _counts.Length - 1)]);
        Interlocked.Add(ref _microseconds, (long)microseconds);
    }

    /// <summary>What has been added since the last time.</summary>
    public DurationCounts Take()
    {
        var buckets = new List<short>();
        var counts = new List<long>();
        for (var i = 0; i < _counts.Length; i++)
        {
            if (Volatile.Read(ref _counts[i]) == 0)
                continue;
            buckets.Add((short)i);
            counts.Add(Interlocked.Exchange(ref _counts[i], 0));
        }

        return new([.. buckets], [.. counts], Interlocked.Exchange(ref _microseconds, 0) / 1e6);
    }

    public void PutBack(DurationCounts taken)
    {
        for (var i = 0; i < taken.Buckets.Length; i++)
            Interlocked.Add(ref _counts[taken.Buckets[i]], taken.Counts[i]);
        Interlocked.Add(ref _microseconds, (long)(taken.Seconds * 1e6));
    }

    /// <returns>Null when there are none.</returns>
    public static JobTimes? Times(IEnumerable<DurationCounts> all)
    {
        var counts = new SortedDictionary<short, long>();
        var seconds = 0d;
        foreach (var one in all)
        {
            for (var i = 0; i < one.Buckets.Length; i++)
                counts[one.Buckets[i]] = counts.GetValueOrDefault(one.Buckets[i]) + one.Counts[i];
            seconds += one.Seconds;
        }

        var jobs = counts.Values.Sum();
        return jobs == 0 ? null : JobTimes.Of(seconds * 1000 / jobs, At(0.5), At(0.95));

        double At(double share)
        {
            var left = (long)Math.Ceiling(share * jobs);
            return Math.Pow(2, (counts.First(bucket => (left -= bucket.Value) <= 0).Key + 0.5) / PerDoubling) / 1000;
        }
    }
}
