using System.ComponentModel.DataAnnotations;
using Platform.Data.Imports;

namespace Platform.Api.Features.Imports;

/// <summary>Limits of uploads, section <c>Imports</c>.</summary>
public sealed class ImportOptions
{
    public const string Section = "Imports";

    /// <summary>Bytes a file may have. Default 50 MiB.</summary>
    [Range(1, 1024L * 1024 * 1024)]
    public long MaxBytes { get; set; } = ImportFile.MaxBytes;

    /// <summary>How long an upload may take. Default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan UploadTimeout { get; set; } = TimeSpan.FromMinutes(5);
}
