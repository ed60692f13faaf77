using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Platform.Caching;

/// <summary>Makes parts of keys from free text, so that no two different lists of parts give the same key.</summary>
internal static class KeyPart
{
    // Longer ones are hashed: a search text of a thousand characters needn't lie in Redis as a key.
    public const int MaxLength = 120;

    private static readonly SearchValues<char> Special = SearchValues.Create(":%#\n");

    public static string Escape(string part) => part.AsSpan().ContainsAny(Special)
        ? part.Replace("%", "%25", StringComparison.Ordinal).Replace(":", "%3A", StringComparison.Ordinal)
            .Replace("#", "%23", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal)
        : part;

    public static string Join(ReadOnlySpan<string> parts)
    {
        var joined = new StringBuilder();
        foreach (var part in parts)
            joined.Append(joined.Length == 0 ? "" : ":").Append(part.Length == 0 ? "%" : Escape(part));
        var text = joined.ToString();
        return text.Length <= MaxLength ? text : "#" + Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>As <see cref="Join"/>, without allocating; false for what would have to be escaped or hashed.</summary>
    public static bool TryJoin(Span<char> target, ReadOnlySpan<string> parts, out int written)
    {
        written = 0;
        foreach (var part in parts)
        {
            var text = part.Length == 0 ? "%" : part;
            var separator = written == 0 ? 0 : 1;
            if (written + separator + text.Length > target.Length || part.AsSpan().ContainsAny(Special))
                return false;
            if (separator == 1)
                target[written++] = ':';
            text.CopyTo(target[written..]);
            written += text.Length;
        }
        return true;
    }
}
