using System.Runtime.CompilerServices;

namespace Platform.Statistics;

/// <summary>Counts one route's requests: no lock, no allocation, a copy of the counts for each of a few processors.</summary>
internal sealed class RouteRecorder
{
    private static readonly int Stripes = Math.Clamp((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount), 1, 4);

    private readonly Stripe?[] _stripes = new Stripe?[Stripes];

    public RouteRecorder(string method, string route) => (Method, Route) = (method, route);

    public string Method { get; }

    public string Route { get; }

    public void Record(long micros, RequestMarks marks)
    {
        var slot = Thread.GetCurrentProcessorId() & (Stripes - 1);
        var stripe = _stripes[slot] ?? Create(slot);
        Interlocked.Add(ref stripe.Sum, micros);
        if ((marks & RequestMarks.Slow) != 0)
            Interlocked.Increment(ref stripe.Slow);
        if ((marks & RequestMarks.Late) != 0)
            Interlocked.Increment(ref stripe.Late);
        if ((marks & RequestMarks.Error) != 0)
            Interlocked.Increment(ref stripe.Errors);
        if ((marks & RequestMarks.Hit) != 0)
            Interlocked.Increment(ref stripe.Hits);
        else if ((marks & RequestMarks.Miss) != 0)
            Interlocked.Increment(ref stripe.Misses);
        // Last here and first in DrainTo: a request that was taken has left nothing behind.
        Interlocked.Increment(ref stripe.Counts[LatencyScale.Index(micros)]);
    }

    /// <summary>Moves what was counted since the last time into the histogram.</summary>
    /// <returns>Whether there was anything.</returns>
    public bool DrainTo(LatencyHistogram histogram)
    {
        var before = histogram.Requests;
        foreach (var stripe in _stripes)
        {
            if (stripe is null || !stripe.HasAny())
                continue;
            for (var bucket = 0; bucket < stripe.Counts.Length; bucket++)
            {
                if (Volatile.Read(ref stripe.Counts[bucket]) != 0)
                    histogram.Add(bucket, Interlocked.Exchange(ref stripe.Counts[bucket], 0));
            }
            histogram.Add(new RequestTotals(
                Interlocked.Exchange(ref stripe.Sum, 0), Interlocked.Exchange(ref stripe.Slow, 0),
                Interlocked.Exchange(ref stripe.Late, 0), Interlocked.Exchange(ref stripe.Errors, 0),
                Interlocked.Exchange(ref stripe.Hits, 0), Interlocked.Exchange(ref stripe.Misses, 0)));
        }
        return histogram.Requests != before;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Stripe Create(int slot)
    {
        var stripe = new Stripe();
        return Interlocked.CompareExchange(ref _stripes[slot], stripe, null) ?? stripe;
    }

    private sealed class Stripe
    {
        public readonly int[] Counts = new int[LatencyScale.Buckets];
        public long Sum;
        public long Slow;
        public long Late;
        public long Errors;
        public long Hits;
        public long Misses;

        public bool HasAny() => Counts.AsSpan().ContainsAnyExcept(0);
    }
}
