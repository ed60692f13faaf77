using System.Numerics;

namespace Platform.Load.Generator;

/// <summary>
/// Counts of durations in buckets that grow with the value: 128 to each power of two, so that a percentile is off by at most
/// 0.4 %. May be recorded to from several threads.
/// </summary>
internal sealed class Histogram
{
    private const int SubBits = 7, Sub = 1 << SubBits;
    private readonly long[] _counts = new long[(64 - SubBits + 1) * Sub];
    private long _max;

    public long Count => _counts.Sum();

    /// <summary>The largest value, exactly; 0 when there is none.</summary>
    public long Max => Interlocked.Read(ref _max);

    /// <param name="value">Any unit; negative counts as 0.</param>
    public void Record(long value)
    {
        value = Math.Max(0, value);
        Interlocked.Increment(ref _counts[Index(value)]);
        for (var max = Max; value > max; max = Max)
        {
            if (Interlocked.CompareExchange(ref _max, value, max) == max)
                break;
        }
    }

    /// <param name="p">0 to 1.</param>
    /// <returns>The middle of the bucket that holds the value at this rank; 0 when nothing was recorded.</returns>
    public double Percentile(double p)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(p * Count));
        for (var i = 0; i < _counts.Length; i++)
        {
            rank -= _counts[i];
            if (rank <= 0)
                return Math.Min(Middle(i), Max);
        }

        return 0;
    }

    public double Mean()
    {
        var count = Count;
        return count == 0 ? 0 : _counts.Select((n, i) => n * Middle(i)).Sum() / count;
    }

    // Below Sub each value has a bucket of its own; above, the leading bits choose.
    private static int Index(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value | 1) - SubBits);
        return (shift << SubBits) + (int)(value >> shift);
    }

    private static double Middle(int index)
    {
        if (index < Sub * 2)
            return index;
        var shift = (index >> SubBits) - 1;
        var lowest = (long)((index & (Sub - 1)) | Sub) << shift;
        return lowest + ((1L << shift) - 1) / 2.0;
    }
}
