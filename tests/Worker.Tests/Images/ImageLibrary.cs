using Platform.Embedded;

namespace Platform.Worker.Tests.Images;

/// <summary>The real libvips, fetched once for all test runs of this machine.</summary>
internal static class ImageLibrary
{
    private static readonly Lazy<Task<string>> Located = new(async () =>
    {
        var (library, reason) = await EmbeddedVips.LocateAsync();
        return library ?? throw new InvalidOperationException($"There is no libvips: {reason}");
    });

    /// <summary>Its file.</summary>
    public static Task<string> PathAsync() => Located.Value;
}
