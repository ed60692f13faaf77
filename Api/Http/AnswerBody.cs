using System.IO.Compression;

namespace Platform.Api.Http;

/// <summary>One encoding of an answer, with the headers that belong to it.</summary>
/// <param name="tag">The answer's tag; each encoding has its own (RFC 9110, 8.8.3.3).</param>
internal sealed class AnswerBody(byte[] bytes, string tag, string? encoding)
{
    // Below, the headers outweigh what is saved.
    public const int CompressAbove = 1024;

    private const int BrotliQuality = 4, BrotliWindow = 22;

    public byte[] Bytes => bytes;

    /// <summary>Null when the body is as it is.</summary>
    public string? Encoding => encoding;

    public string ETag { get; } = encoding is null ? $"\"{tag}\"" : $"\"{tag}{EntityVersion.EncodingMark}{encoding}\"";

    /// <returns>The plain body itself when there is nothing to gain.</returns>
    public static AnswerBody Brotli(AnswerBody plain, string tag)
    {
        var packed = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Bytes.Length)];
        return plain.Bytes.Length >= CompressAbove
            && BrotliEncoder.TryCompress(plain.Bytes, packed, out var length, BrotliQuality, BrotliWindow) && length < plain.Bytes.Length
            ? new AnswerBody(packed[..length], tag, "br")
            : plain;
    }

    /// <returns>The plain body itself when there is nothing to gain.</returns>
    public static AnswerBody Gzip(AnswerBody plain, string tag)
    {
        if (plain.Bytes.Length < CompressAbove)
            return plain;
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(plain.Bytes);
        return packed.Length < plain.Bytes.Length ? new AnswerBody(packed.ToArray(), tag, "gzip") : plain;
    }
}
