using System.Numerics;

namespace Platform.Statistics;

/// <summary>
/// The buckets all histograms share. Up to 128 µs each has its own microsecond; above, each power of two is cut into 64 equal
/// parts, so that a bucket's middle is at most 0.8 % from any value in it. Values over 18 minutes count as 18 minutes.
/// </summary>
internal static class LatencyScale
{
    private const int PartBits = 6;
    private const int Parts = 1 << PartBits;
    private const long Highest = (1L << 30) - 1;

    public static readonly int Buckets = Index(Highest) + 1;

    public static int Index(long micros)
    {
        var value = Math.Clamp(micros, 0, Highest);
        var shift = Math.Max(0, BitOperations.Log2((ulong)value | 1) - PartBits);
        return shift * Parts + (int)(value >> shift);
    }

    /// <summary>The value that stands for all of a bucket, µs.</summary>
    public static double Middle(int index)
    {
        if (index < 2 * Parts)
            return index;
        var shift = index / Parts - 1;
        var lowest = (long)(index - shift * Parts) << shift;
        return lowest + ((1L << shift) - 1) / 2.0;
    }
}
