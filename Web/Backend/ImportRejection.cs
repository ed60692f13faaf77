namespace Platform.Web.Backend;

/// <summary>A row of an imported file that didn't become a contact.</summary>
/// <param name="RowNumber">Counted from 1, the header row not included.</param>
/// <param name="Line">The row as it stood in the file.</param>
public sealed record ImportRejection(long RowNumber, string Line, string Reason);
