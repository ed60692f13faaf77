using System.Buffers.Binary;
using System.IO.Compression;

namespace Platform.Caching;

/// <summary>
/// A value as it lies in Redis. Binary, little-endian: format (1 byte), flags (1), number of tags (1), filled at (8, Unix
/// milliseconds), lifetime (4, ms), what fetching took (4, ms), length (4), versions of the tags (8 each), value.
/// </summary>
/// <param name="FilledAt">When it was filled.</param>
/// <param name="Lifetime">How long it lives from then.</param>
/// <param name="FetchTime">What fetching took.</param>
/// <param name="Versions">The tags' versions from before the fetch: the value is valid as long as they are current.</param>
/// <param name="Value">The value's JSON.</param>
internal sealed record CacheEntry(DateTimeOffset FilledAt, TimeSpan Lifetime, TimeSpan FetchTime, long[] Versions, byte[] Value)
{
    private const byte Format = 1;
    private const byte Compressed = 1;
    private const int HeaderLength = 23;

    // The year 8307: leaves room for a lifetime to be added.
    private const long LatestFilledAt = 200_000_000_000_000;

    /// <summary>Nothing larger is read: the length of a damaged entry must not decide how much memory is taken.</summary>
    public const int MaxLength = 64 * 1024 * 1024;

    // The fastest setting: half a millisecond a megabyte is spent on every miss, the ratio is good enough for JSON.
    private const int Quality = 1;
    private const int Window = 18;

    public DateTimeOffset ExpiresAt => FilledAt + Lifetime;

    public byte[] Write(int compressAbove)
    {
        var head = HeaderLength + Versions.Length * sizeof(long);
        var buffer = new byte[head + (Value.Length > compressAbove ? BrotliEncoder.GetMaxCompressedLength(Value.Length) : Value.Length)];
        byte flags = 0;
        int length;
        if (Value.Length > compressAbove
            && BrotliEncoder.TryCompress(Value, buffer.AsSpan(head), out length, Quality, Window) && length < Value.Length)
        {
            flags = Compressed;
        }
        else
        {
            Value.CopyTo(buffer.AsSpan(head));
            length = Value.Length;
        }
        (buffer[0], buffer[1], buffer[2]) = (Format, flags, (byte)Versions.Length);
        BinaryPrimitives.WriteInt64LittleEndian(buffer.AsSpan(3), FilledAt.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(11), Milliseconds(Lifetime));
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(15), Milliseconds(FetchTime));
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(19), Value.Length);
        for (var index = 0; index < Versions.Length; index++)
            BinaryPrimitives.WriteInt64LittleEndian(buffer.AsSpan(HeaderLength + index * sizeof(long)), Versions[index]);
        return buffer.AsSpan(0, head + length).ToArray();
    }

    /// <summary>The entry if it is well formed and all its tags have the versions it was filled under; else null.</summary>
    public static CacheEntry? Read(byte[]? bytes, long?[] current)
    {
        if (bytes is null || bytes.Length < HeaderLength || bytes[0] != Format || bytes[2] != current.Length)
            return null;
        var head = HeaderLength + current.Length * sizeof(long);
        if (bytes.Length < head)
            return null;
        var versions = new long[current.Length];
        for (var index = 0; index < versions.Length; index++)
        {
            versions[index] = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(HeaderLength + index * sizeof(long)));
            // A tag without a version was evicted or expired: nobody knows whether it was invalidated before.
            if (current[index] != versions[index])
                return null;
        }
        var filledAt = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(3));
        if (filledAt is < 0 or > LatestFilledAt)
            return null;
        var value = ReadValue(bytes.AsSpan(head), (bytes[1] & Compressed) != 0, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(19)));
        return value is null
            ? null
            : new CacheEntry(
                DateTimeOffset.FromUnixTimeMilliseconds(filledAt),
                TimeSpan.FromMilliseconds(BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(11))),
                TimeSpan.FromMilliseconds(BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(15))),
                versions,
                value);
    }

    private static byte[]? ReadValue(ReadOnlySpan<byte> stored, bool compressed, int length)
    {
        if (!compressed)
            return stored.Length == length ? stored.ToArray() : null;
        if (length < 0 || length > MaxLength)
            return null;
        var value = new byte[length];
        return BrotliDecoder.TryDecompress(stored, value, out var written) && written == length ? value : null;
    }

    private static int Milliseconds(TimeSpan time) => (int)Math.Clamp(time.TotalMilliseconds, 0, int.MaxValue);
}
