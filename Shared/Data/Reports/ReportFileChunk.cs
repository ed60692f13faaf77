namespace Platform.Data.Reports;

/// <summary>A piece of a report's file; a row of <c>report_files</c>.</summary>
public sealed class ReportFileChunk : ITenantOwned
{
    public Guid TenantId { get; init; }

    public Guid ReportId { get; init; }

    /// <summary>From 0.</summary>
    public int Number { get; init; }

    /// <summary>256 KiB; only the last may be shorter.</summary>
    public required byte[] Content { get; init; }
}
