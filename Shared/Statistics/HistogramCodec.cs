using System.Buffers;

namespace Platform.Statistics;

/// <summary>
/// A histogram as a few hundred bytes: totals, then each bucket in use as its distance from the one before and its count, all
/// in the variable-length integers of Protocol Buffers.
/// </summary>
internal static class HistogramCodec
{
    private const byte Format = 2;

    public static byte[] Write(LatencyHistogram histogram)
    {
        var writer = new ArrayBufferWriter<byte>(256);
        Span<byte> format = [Format];
        writer.Write(format);
        var (sum, slow, late, errors, hits, misses) = histogram.Totals;
        foreach (var total in (ReadOnlySpan<long>)[sum, slow, late, errors, hits, misses])
            Number(writer, total);
        var last = 0;
        for (var bucket = 0; bucket < LatencyScale.Buckets; bucket++)
        {
            if (histogram.Counts[bucket] is not (> 0 and var count))
                continue;
            Number(writer, bucket - last);
            Number(writer, count);
            last = bucket;
        }
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Adds what was written; a form of another version, or damaged, is left out.</summary>
    public static void AddTo(LatencyHistogram histogram, ReadOnlySpan<byte> bytes)
    {
        if (bytes is not [Format, .. var rest]
            || !Number(ref rest, out var sum) || !Number(ref rest, out var slow) || !Number(ref rest, out var late)
            || !Number(ref rest, out var errors) || !Number(ref rest, out var hits) || !Number(ref rest, out var misses))
            return;
        histogram.Add(new RequestTotals(sum, slow, late, errors, hits, misses));
        var bucket = 0L;
        while (Number(ref rest, out var distance) && Number(ref rest, out var count))
        {
            bucket += distance;
            if (bucket >= LatencyScale.Buckets)
                return;
            histogram.Add((int)bucket, count);
        }
    }

    private static void Number(ArrayBufferWriter<byte> writer, long value)
    {
        var span = writer.GetSpan(10);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
            span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        writer.Advance(length);
    }

    private static bool Number(ref ReadOnlySpan<byte> bytes, out long value)
    {
        value = 0;
        for (var index = 0; index < bytes.Length && index < 9; index++)
        {
            value |= (long)(bytes[index] & 0x7F) << (7 * index);
            if (bytes[index] >= 0x80)
                continue;
            bytes = bytes[(index + 1)..];
            return true;
        }
        return false;
    }
}
