using Platform.Data.Contacts;
using Platform.Data.Validation;

namespace Platform.Data.Scheduling;

/// <summary>The one definition of a valid appointment.</summary>
public static class AppointmentRules
{
    /// <summary>Characters.</summary>
    public const int MaxTitleLength = 200, MaxLocationLength = 200, MaxNotesLength = 4000;

    /// <summary>The longest one; also how far back a clash may begin.</summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromDays(7);

    /// <param name="fields">What to store; null when there is an error.</param>
    /// <returns>The errors; empty when all is well.</returns>
    public static IReadOnlyList<FieldError> Check(
        string? title, Guid? professionalId, Guid? contactId, DateTimeOffset? startsAt, DateTimeOffset? endsAt, string? status,
        string? location, string? notes, out AppointmentFields? fields)
    {
        var checks = new FieldChecks();
        fields = new AppointmentFields(
            checks.Text(title, "title", "The title", MaxTitleLength),
            professionalId.GetValueOrDefault(),
            contactId,
            checks.Time(startsAt, "startsAt", "The start"),
            checks.Time(endsAt, "endsAt", "The end"),
            status is null ? null : checks.OneOf(status, "status", "The status", AppointmentStatus.All),
            checks.Text(location, "location", "The location", MaxLocationLength, required: false),
            checks.Text(notes, "notes", "The notes", MaxNotesLength, required: false, lines: true));
        if (professionalId is null)
            checks.Add("professionalId", "The professional is missing.");
        if (checks.IsFine("startsAt") && checks.IsFine("endsAt"))
        {
            if (fields.EndsAt <= fields.StartsAt)
                checks.Add("endsAt", "The end must be after the start.");
            else if (fields.EndsAt - fields.StartsAt > MaxDuration)
                checks.Add("endsAt", $"The end may be at most {MaxDuration.Days} days after the start.");
        }
        if (checks.Errors.Count > 0)
            fields = null;
        return checks.Errors;
    }
}
