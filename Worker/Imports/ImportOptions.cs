using System.ComponentModel.DataAnnotations;

namespace Platform.Worker.Imports;

/// <summary>Configuration section <c>Imports</c>.</summary>
internal sealed class ImportOptions
{
    public const string Section = "Imports";

    /// <summary>Rows written in one transaction; bounds an import's memory and what a crash repeats. Default 2,000.</summary>
    [Range(1, 20_000)]
    public int BatchRows { get; set; } = 2_000;
}
