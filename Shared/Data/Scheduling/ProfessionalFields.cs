namespace Platform.Data.Scheduling;

/// <summary>A professional's fields after <see cref="ProfessionalRules"/> accepted and tidied them.</summary>
/// <param name="Active">Null leaves it as it is; a new one is active.</param>
public sealed record ProfessionalFields(
    string Name, string Title, string? Email, string? Phone, string[] Specialties, string TimeZone, bool? Active);
