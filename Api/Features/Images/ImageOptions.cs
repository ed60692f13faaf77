using System.ComponentModel.DataAnnotations;

namespace Platform.Api.Features.Images;

/// <summary>Limits of uploaded pictures, section <c>Images</c>.</summary>
internal sealed class ImageOptions
{
    public const string Section = "Images";

    /// <summary>Bytes a file may have. Default 5 MiB.</summary>
    [Range(1, 50 * 1024 * 1024)]
    public int MaxBytes { get; set; } = 5 * 1024 * 1024;

    /// <summary>Pixels a picture may have; give the Worker the same. Default 25,000,000.</summary>
    [Range(1, 1_000_000_000)]
    public long MaxPixels { get; set; } = 25_000_000;

    /// <summary>How long an upload may take. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan UploadTimeout { get; set; } = TimeSpan.FromMinutes(1);
}
