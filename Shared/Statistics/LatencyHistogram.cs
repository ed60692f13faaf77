namespace Platform.Statistics;

/// <summary>Requests put together: their latencies and totals. Not for several threads at once.</summary>
internal sealed class LatencyHistogram
{
    private readonly long[] _counts = new long[LatencyScale.Buckets];

    public long Requests { get; private set; }

    public RequestTotals Totals { get; private set; }

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
        Add(other.Totals);
    }

    public void Add(RequestTotals totals) => Totals += totals;

    public void Clear()
    {
        Array.Clear(_counts);
        (Requests, Totals) = (0, default);
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
