namespace Platform.Worker.Backup;

/// <summary>One table's rows.</summary>
/// <param name="Entry">The archive's entry with the rows, as binary COPY writes them.</param>
/// <param name="Columns">In the order they stand in the rows; generated ones are left out.</param>
/// <param name="Bytes">Before compression.</param>
/// <param name="Sha256">Of the entry before compression, in hexadecimal.</param>
internal sealed record BackupTable(
    string Schema, string Name, string Entry, IReadOnlyList<string> Columns, long Rows, long Bytes, string Sha256);
