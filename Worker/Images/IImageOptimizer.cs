using Platform.Data.Images;

namespace Platform.Worker.Images;

/// <summary>Makes of a picture somebody uploaded what is shown of it.</summary>
internal interface IImageOptimizer
{
    /// <summary>Cheap after the first call.</summary>
    /// <returns>Why it can't work on this machine; null when it can.</returns>
    ValueTask<string?> CheckAsync(CancellationToken cancellationToken);

    /// <summary>A WebP for each target, in sRGB, turned upright, without metadata.</summary>
    /// <exception cref="PictureException">The file isn't a picture that can be used; the message is for logs.</exception>
    /// <exception cref="IOException">It couldn't be tried, took too long or crashed.</exception>
    Task<IReadOnlyList<OptimizedImage>> RunAsync(byte[] file, IReadOnlyList<ImageTarget> targets, CancellationToken cancellationToken);
}
