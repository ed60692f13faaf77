using Platform.Data.Contacts;
using Platform.Data.Validation;

namespace Platform.Data.Scheduling;

/// <summary>The one definition of a valid professional.</summary>
public static class ProfessionalRules
{
    /// <summary>Characters.</summary>
    public const int MaxNameLength = 200, MaxTitleLength = 100, MaxSpecialtyLength = 60;

    public const int MaxSpecialties = 20;

    /// <param name="fields">What to store; null when there is an error.</param>
    /// <returns>The errors; empty when all is well.</returns>
    public static IReadOnlyList<FieldError> Check(
        string? name, string? title, string? email, string? phone, IReadOnlyList<string?>? specialties, string? timeZone, bool? active,
        out ProfessionalFields? fields)
    {
        var checks = new FieldChecks();
        fields = new ProfessionalFields(
            checks.Text(name, "name", "The name", MaxNameLength),
            checks.Text(title, "title", "The title", MaxTitleLength, required: false),
            checks.Email(email, "email", "The e-mail address"),
            checks.Phone(phone, "phone", "The phone number"),
            Specialties(specialties ?? [], checks),
            checks.TimeZone(timeZone, "timeZone", "The time zone", orElse: "UTC"),
            active);
        if (checks.Errors.Count > 0)
            fields = null;
        return checks.Errors;
    }

    private static string[] Specialties(IReadOnlyList<string?> specialties, FieldChecks checks)
    {
        if (specialties.Count > MaxSpecialties)
        {
            checks.Add("specialties", $"There may be at most {MaxSpecialties} specialties.");
            return [];
        }
        return
        [
            .. specialties.Select(text => checks.Text(text, "specialties", "A specialty", MaxSpecialtyLength))
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];
    }
}
