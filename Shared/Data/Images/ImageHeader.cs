using System.Buffers.Binary;

namespace Platform.Data.Images;

/// <summary>What the beginning of a picture's file says of it. Nothing is decoded, so a hostile file costs no more than its bytes.</summary>
/// <param name="Width">Pixels; so is the height.</param>
public readonly record struct ImageHeader(ImageFormat Format, int Width, int Height)
{
    public long Pixels => (long)Width * Height;

    /// <summary>By the first bytes, whatever the sender calls it.</summary>
    /// <returns>Null for anything but PNG, JPEG and WebP.</returns>
    public static ImageFormat? FormatOf(ReadOnlySpan<byte> file) => file switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => ImageFormat.Png,
        [0xFF, 0xD8, 0xFF, ..] => ImageFormat.Jpeg,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => ImageFormat.Webp,
        _ => null,
    };

    /// <returns>Null when the file is of another format, or its header is damaged or says no size.</returns>
    public static ImageHeader? Read(ReadOnlySpan<byte> file)
    {
        if (FormatOf(file) is not { } format)
            return null;
        var size = format switch
        {
            ImageFormat.Png => PngSize(file),
            ImageFormat.Jpeg => JpegSize(file),
            _ => WebpSize(file),
        };
        return size is { Width: > 0, Height: > 0 } ? new ImageHeader(format, size.Value.Width, size.Value.Height) : null;
    }

    // Signature, then the chunk IHDR: length, name, width, height.
    private static (int Width, int Height)? PngSize(ReadOnlySpan<byte> file) =>
        file.Length >= 24 && file[12..16].SequenceEqual("IHDR"u8)
            ? (BinaryPrimitives.ReadInt32BigEndian(file[16..]), BinaryPrimitives.ReadInt32BigEndian(file[20..]))
            : null;

    // Segments one behind the other, each with its length, up to the frame's.
    private static (int Width, int Height)? JpegSize(ReadOnlySpan<byte> file)
    {
        for (var at = 2; at + 9 < file.Length;)
        {
            if (file[at] != 0xFF)
                return null;
            var marker = file[at + 1];
            if (marker == 0xFF)
            {
                at++; // Padding.
                continue;
            }
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                return (BinaryPrimitives.ReadUInt16BigEndian(file[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(file[(at + 5)..]));
            if (marker is 0xDA or 0xD9)
                return null; // The picture's data, or its end, without a frame before.
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (length < 2)
                return null;
            at += 2 + length;
        }
        return null;
    }

    private static (int Width, int Height)? WebpSize(ReadOnlySpan<byte> file)
    {
        if (file.Length < 30)
            return null;
        var kind = file[12..16];
        if (kind.SequenceEqual("VP8X"u8))
            return (1 + UInt24(file[24..]), 1 + UInt24(file[27..]));
        if (kind.SequenceEqual("VP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(file[21..]);
            return file[20] == 0x2F ? (1 + (int)(bits & 0x3FFF), 1 + (int)((bits >> 14) & 0x3FFF)) : null;
        }
        return kind.SequenceEqual("VP8 "u8) && file[23..26].SequenceEqual((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A])
            ? (BinaryPrimitives.ReadUInt16LittleEndian(file[26..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(file[28..]) & 0x3FFF)
            : null;
    }

    private static int UInt24(ReadOnlySpan<byte> bytes) => bytes[0] | bytes[1] << 8 | bytes[2] << 16;
}
