using System.ComponentModel.DataAnnotations;

namespace Platform.Worker.Images;

/// <summary>Configuration section <c>Images</c>.</summary>
internal sealed class ImageOptions
{
    public const string Section = "Images";

    /// <summary>The file of libvips; empty for one that is installed. Set by the AppHost. Default empty.</summary>
    [MaxLength(1000)]
    public string Library { get; set; } = "";

    /// <summary>Most pixels of a picture that is decoded. Default 25,000,000.</summary>
    [Range(1, 1_000_000_000)]
    public long MaxPixels { get; set; } = 25_000_000;

    /// <summary>How long one picture may take. Default 20 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:50")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);
}
