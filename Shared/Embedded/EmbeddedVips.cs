using Platform.Embedded.Vips;

namespace Platform.Embedded;

/// <summary>libvips, which works on pictures, for machines where it isn't installed.</summary>
public static class EmbeddedVips
{
    /// <summary>The library's file, fetched once into a cache that all checkouts share; or why there is none.</summary>
    /// <param name="progress">Told when something is fetched.</param>
    public static async Task<(string? Library, string? Reason)> LocateAsync(
        IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        try
        {
            return await VipsPackage.LocateAsync(progress, cancellationToken);
        }
        catch (Exception error) when (error is EmbeddedServerException or IOException or UnauthorizedAccessException)
        {
            return (null, error.Message);
        }
    }
}
