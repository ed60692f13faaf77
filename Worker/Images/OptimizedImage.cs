using Platform.Data.Images;

namespace Platform.Worker.Images;

/// <param name="Width">Pixels, as is the height.</param>
/// <param name="Content">The file.</param>
internal sealed record OptimizedImage(ImageTarget Target, int Width, int Height, byte[] Content);
