using System.Buffers.Binary;
using System.IO.Compression;

namespace Platform.Worker.Tests.Images;

/// <summary>Files people might upload.</summary>
internal static class Pictures
{
    /// <summary>96 × 48 as stored, to be turned upright; with a maker's name and a place in its metadata.</summary>
    public static byte[] Portrait { get; } = File.ReadAllBytes(Path.Combine(Samples.Folder(), "portrait.jpg"));

    /// <summary>A PNG that says it is so large and has one line of pixels.</summary>
    public static byte[] Png(int width, int height)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 2); // Eight bits, colours.
        WriteChunk(file, "IHDR"u8, header);
        using var pixels = new MemoryStream();
        using (var packed = new ZLibStream(pixels, CompressionLevel.Fastest, leaveOpen: true))
            packed.Write(new byte[1 + (width * 3)]);
        WriteChunk(file, "IDAT"u8, pixels.ToArray());
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> name, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(name);
        file.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc([.. name, .. content]));
        file.Write(number);
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}
