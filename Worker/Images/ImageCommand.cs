using System.Globalization;
using System.Runtime.InteropServices;
using Platform.Data.Images;

namespace Platform.Worker.Images;

/// <summary>
/// <c>Worker image</c>: makes the sizes of one picture, from standard input to standard output, and ends. What strangers upload is
/// decoded here and not in the Worker: in a process that knows no password and has little memory and time, and whose
/// crash is one failed attempt.
/// </summary>
internal static class ImageCommand
{
    public const string Name = "image";

    /// <summary>Exit code for a file that isn't a usable picture; standard error says why.</summary>
    public const int Refused = 3;

    /// <summary>Exit code when the library isn't there or can't be used; standard error says why.</summary>
    public const int Unavailable = 4;

    private const int WebpQuality = 82;

    /// <param name="args">The library's file (empty: an installed one), the most pixels, and targets as <see cref="Write"/> writes them; without targets it only tries the library.</param>
    public static int Run(string[] args)
    {
        if (args.Length < 2 || !long.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out var maxPixels))
            return Complain("Usage: Worker image LIBRARY MAX-PIXELS [TARGET …]", 2);
        try
        {
            var version = VipsLibrary.Load(args[0]);
            ProcessLimits.Apply();
            using var output = Console.OpenStandardOutput();
            if (args.Length == 2)
            {
                output.Write(System.Text.Encoding.ASCII.GetBytes(version.ToString()));
                return 0;
            }
            Optimize(ReadInput(), maxPixels, args[2..].Select(Parse), new BinaryWriter(output));
            return 0;
        }
        catch (DllNotFoundException e)
        {
            return Complain(e.Message, Unavailable);
        }
        catch (PictureException e)
        {
            return Complain(e.Message, Refused);
        }
    }

    public static string Write(ImageTarget target) =>
        string.Create(CultureInfo.InvariantCulture, $"{target.Size}{(target.IsSquare ? "x" : "")}");

    private static ImageTarget Parse(string text) =>
        new(int.Parse(text.TrimEnd('x'), CultureInfo.InvariantCulture), text.EndsWith('x'));

    private static void Optimize(byte[] file, long maxPixels, IEnumerable<ImageTarget> targets, BinaryWriter output)
    {
        var pin = GCHandle.Alloc(file, GCHandleType.Pinned);
        try
        {
            var bytes = pin.AddrOfPinnedObject();
            CheckSize(file, bytes, maxPixels);
            foreach (var target in targets)
                Write(output, bytes, file.Length, target);
        }
        finally
        {
            pin.Free();
        }
    }

    /// <summary>Opening reads the header alone, as the decoder understands it; nothing is decoded of what has too many pixels.</summary>
    private static void CheckSize(byte[] file, nint bytes, long maxPixels)
    {
        using var load = new VipsOperation(ImageHeader.FormatOf(file) switch
        {
            ImageFormat.Png => "pngload_buffer",
            ImageFormat.Jpeg => "jpegload_buffer",
            ImageFormat.Webp => "webpload_buffer",
            _ => throw new PictureException("The file is no PNG, JPEG or WebP."),
        });
        var image = load.Set("buffer", bytes, file.Length).RunForImage();
        var (width, height) = (VipsLibrary.GetWidth(image), VipsLibrary.GetHeight(image));
        if ((long)width * height > maxPixels)
            throw new PictureException($"The picture has {width} × {height} pixels, more than {maxPixels:N0}.");
    }

    private static void Write(BinaryWriter output, nint bytes, int length, ImageTarget target)
    {
        // Turned as its metadata says, in the colours every screen shows; half a picture is none.
        using var thumbnail = new VipsOperation("thumbnail_buffer")
            .Set("buffer", bytes, length)
            .Set("width", Text(target.Size)).Set("height", Text(target.Size))
            .Set("size", target.IsSquare ? "both" : "down").Set("crop", target.IsSquare ? "centre" : "none")
            .Set("export-profile", "srgb").Set("fail-on", "error");
        var image = thumbnail.RunForImage();
        using var save = new VipsOperation("webpsave_buffer")
            .SetImage("in", image).Set("Q", Text(WebpQuality)).Set("effort", "4").Set("strip", "true");
        var content = save.RunForBytes();
        output.Write(VipsLibrary.GetWidth(image));
        output.Write(VipsLibrary.GetHeight(image));
        output.Write(content.Length);
        output.Write(content);
    }

    private static byte[] ReadInput()
    {
        using var input = Console.OpenStandardInput();
        using var file = new MemoryStream();
        input.CopyTo(file);
        return file.ToArray();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Complain(string message, int code)
    {
        Console.Error.WriteLine(message);
        return code;
    }
}
