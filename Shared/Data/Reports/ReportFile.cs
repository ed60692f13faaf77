namespace Platform.Data.Reports;

/// <summary>How report files are kept.</summary>
public static class ReportFile
{
    /// <summary>Bytes of each row of <c>report_files</c> but the last.</summary>
    public const int ChunkSize = 256 * 1024;

    /// <summary>The cache tag's subject that all answers about reports carry.</summary>
    public const string CacheSubject = "reports";
}
