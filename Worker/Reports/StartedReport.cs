using Platform.Data.Reports;

namespace Platform.Worker.Reports;

/// <summary>A report an attempt works at.</summary>
/// <param name="Version">The row's version since this attempt began; another one means that another attempt has taken over.</param>
internal sealed record StartedReport(
    Guid Id, string Kind, string Title, ReportParameters Parameters, string Status, long Version, long Rows);
