namespace Platform.Data.Reports;

/// <summary>Text in a CSV file that people open in a spreadsheet.</summary>
public static class CsvCell
{
    /// <summary>Quoted; a leading character that spreadsheets would take for a formula is disarmed by an apostrophe.</summary>
    public static string Quote(string text)
    {
        var disarmed = text.AsSpan().TrimStart(' ') is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n', ..] ? $"'{text}" : text;
        return $"\"{disarmed.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
