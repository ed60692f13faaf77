namespace Platform.Data.Imports;

/// <summary>Limits of an uploaded file.</summary>
public static class ImportFile
{
    /// <summary>Bytes a row of <c>import_chunks</c> holds; only the last may be shorter.</summary>
    public const int ChunkSize = 256 * 1024;

    /// <summary>Bytes a file may have.</summary>
    public const long MaxBytes = 50 * 1024 * 1024;
}
