using System.Text.Json;

namespace Platform.Caching;

/// <summary>How values of a type lie in Redis. JSON unless a caller knows better.</summary>
/// <param name="Write">The value's bytes.</param>
/// <param name="Read">The value back. Null, or a <see cref="JsonException"/>, counts as not cached.</param>
/// <param name="Weight">What a value takes in memory, as a multiple of its bytes.</param>
public sealed record CacheCodec<T>(Func<T, byte[]> Write, Func<byte[], T?> Read, double Weight = 1)
{
    internal static readonly CacheCodec<T> Default = typeof(T) == typeof(byte[])
        ? new(value => (byte[])(object)value!, bytes => (T)(object)bytes)
        : new(
            value => JsonSerializer.SerializeToUtf8Bytes(value, JsonSerializerOptions.Web),
            bytes => JsonSerializer.Deserialize<T>(bytes, JsonSerializerOptions.Web));

    internal bool TryRead(byte[] bytes, out T? value)
    {
        try
        {
            value = Read(bytes);
            return value is not null;
        }
        catch (JsonException)
        {
            value = default; // Written by another version of the code.
            return false;
        }
    }

    internal int Size(byte[] bytes) => (int)(bytes.Length * Weight);
}
