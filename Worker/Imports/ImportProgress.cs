namespace Platform.Worker.Imports;

/// <summary>How far an import is, as committed.</summary>
/// <param name="RowsTotal">Rows in the file; 0 while not counted.</param>
/// <param name="RowsDone">Rows imported or rejected: where the next attempt goes on.</param>
internal sealed record ImportProgress(string Status, long TotalBytes, long RowsTotal, long RowsDone, long Imported, long Rejected);
