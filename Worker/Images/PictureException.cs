namespace Platform.Worker.Images;

/// <summary>A file isn't a picture that can be used; another attempt would say the same.</summary>
internal sealed class PictureException(string message) : Exception(message);
