using System.Text.Json;

namespace Platform.Data.Reports;

/// <summary>Which rows a report is of; the JSON of <c>reports.parameters</c>.</summary>
/// <param name="From">Rows of that moment or later: when they were created, when an event starts, when an invoice was issued.</param>
/// <param name="To">Rows before.</param>
/// <param name="Status">Rows of that status; contacts have none.</param>
public sealed record ReportParameters(DateTimeOffset? From = null, DateTimeOffset? To = null, string? Status = null)
{
    public static ReportParameters Parse(string json) => JsonSerializer.Deserialize<ReportParameters>(json, JsonSerializerOptions.Web)!;

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}
