namespace Platform.Data.Reports;

/// <summary>What a report is asked to be after <see cref="ReportRules"/> accepted and tidied it.</summary>
public sealed record ReportFields(string Kind, string Title, ReportParameters Parameters);
