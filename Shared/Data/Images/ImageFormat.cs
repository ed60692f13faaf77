namespace Platform.Data.Images;

/// <summary>What people may upload.</summary>
public enum ImageFormat
{
    Png,
    Jpeg,
    Webp,
}
