namespace Platform.Statistics;

/// <summary>Request latencies put together; not for several threads at once.</summary>
internal sealed class LatencyHistogram
{
    private readonly long[] _counts = new long[LatencyScale.Buckets];

    public long Requests { get; private set; }

    /// <summary>µs.</summary>
    public long Sum { get; private set; }

    /// <summary>Requests beyond <see cref="StatisticsOptions.SlowRequest"/>.</summary>
    public long Slow { get; private set; }

    /// <summary>Requests beyond <see cref="StatisticsOptions.Target"/>.</summary>
    public long Late { get; private set; }

    /// <summary>Requests answered 5xx.</summary>
    public long Errors { get; private set; }

    public ReadOnlySpan<long> Counts => _counts;

    public void Add(int bucket, long count)
    {
        _counts[bucket] += count;
        Requests += count;
    }

    public void Add(LatencyHistogram other)
    {
        for (var bucket = 0; bucket < _counts.Length; bucket++)
            _counts[bucket] += other._counts[bucket];
        Requests += other.Requests;
        AddTotals(other.Sum, other.Slow, other.Late, other.Errors);
    }

    public void AddTotals(long sum, long slow, long late, long errors)
    {
        Sum += sum;
        Slow += slow;
        Late += late;
        Errors += errors;
    }

    public void Clear()
    {
        Array.Clear(_counts);
        (Requests, Sum, Slow, Late, Errors) = (0, 0, 0, 0, 0);
    }

    /// <summary>The nearest-rank percentile, µs; 0 when nothing was measured.</summary>
    /// <param name="share">0.95 for P95.</param>
    public double Percentile(double share)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(share * Requests));
        var seen = 0L;
        for (var bucket = 0; bucket < _counts.Length; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= rank)
                return LatencyScale.Middle(bucket);
        }
        return 0;
    }
}
