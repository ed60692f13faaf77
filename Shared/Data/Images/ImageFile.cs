namespace Platform.Data.Images;

/// <summary>A picture in one size, as it is shown; a row of <c>image_files</c>.</summary>
public sealed class ImageFile : ITenantOwned
{
    /// <summary>Of all files.</summary>
    public const string ContentType = "image/webp";

    public Guid TenantId { get; init; }

    public required string Kind { get; init; }

    public Guid OwnerId { get; init; }

    /// <summary>What <see cref="ImageTarget"/> it is.</summary>
    public int Size { get; init; }

    /// <summary>SHA-256 of the content in lower-case hexadecimal digits: its name.</summary>
    public required string Hash { get; init; }

    public int Width { get; init; }

    public int Height { get; init; }

    public required byte[] Content { get; init; }
}
