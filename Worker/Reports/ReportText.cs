using System.Globalization;
using System.Text;
using Npgsql;
using Platform.Data.Reports;

namespace Platform.Worker.Reports;

/// <summary>Rows as lines of CSV.</summary>
internal static class ReportText
{
    /// <summary>The byte-order mark tells spreadsheets the encoding.</summary>
    public const string Start = "\uFEFF";

    public const string LineEnd = "\r\n";

    public static string Line(NpgsqlDataReader row)
    {
        var line = new StringBuilder();
        for (var i = 0; i < row.FieldCount; i++)
        {
            if (i > 0)
                line.Append(',');
            line.Append(Cell(row.GetValue(i)));
        }
        return line.Append(LineEnd).ToString();
    }

    private static string Cell(object value) => value switch
    {
        DBNull => "",
        string text => CsvCell.Quote(text),
        DateTime time => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        decimal amount => amount.ToString("0.00", CultureInfo.InvariantCulture),
        Guid id => id.ToString(),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => CsvCell.Quote(value.ToString()!),
    };
}
