using System.ComponentModel.DataAnnotations;

namespace Platform.Worker.Reports;

/// <summary>How reports are written, section <c>Reports</c>.</summary>
public sealed class ReportOptions
{
    public const string Section = "Reports";

    /// <summary>How long a finished file is kept. Default 7 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "366.00:00:00")]
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromDays(7);
}
