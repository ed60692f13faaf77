using Platform.Data.Contacts;
using Platform.Data.Validation;

namespace Platform.Data.Reports;

/// <summary>The one definition of a report that can be asked for.</summary>
public static class ReportRules
{
    /// <summary>Characters.</summary>
    public const int MaxTitleLength = 200, MaxStatusLength = 40;

    /// <param name="title">Without one it is named after its kind.</param>
    /// <param name="fields">What to store; null when there is an error.</param>
    /// <returns>The errors; empty when all is well.</returns>
    public static IReadOnlyList<FieldError> Check(string? kind, string? title, ReportParameters? parameters, out ReportFields? fields)
    {
        var checks = new FieldChecks();
        var known = checks.OneOf(kind, "kind", "The kind", ReportKinds.All);
        var tidyTitle = checks.Text(title, "title", "The title", MaxTitleLength, required: false);
        var from = parameters?.From is { } first ? checks.Time(first, "parameters.from", "The beginning") : (DateTimeOffset?)null;
        var to = parameters?.To is { } last ? checks.Time(last, "parameters.to", "The end") : (DateTimeOffset?)null;
        var status = checks.Text(parameters?.Status, "parameters.status", "The status", MaxStatusLength, required: false);
        if (from >= to)
            checks.Add("parameters.to", "The end must be after the beginning.");
        if (status.Length > 0 && known == ReportKinds.Contacts)
            checks.Add("parameters.status", "Contacts have no status.");
        fields = checks.Errors.Count > 0
            ? null
            : new ReportFields(
                known, tidyTitle.Length > 0 ? tidyTitle : $"{char.ToUpperInvariant(known[0])}{known[1..]}",
                new ReportParameters(from, to, status.Length > 0 ? status : null));
        return checks.Errors;
    }
}
