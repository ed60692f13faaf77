namespace Platform.Data.Scheduling;

/// <summary>An appointment's fields after <see cref="AppointmentRules"/> accepted and tidied them.</summary>
/// <param name="Status">Null leaves it as it is; a new one is then scheduled.</param>
public sealed record AppointmentFields(
    string Title, Guid ProfessionalId, Guid? ContactId, DateTimeOffset StartsAt, DateTimeOffset EndsAt, string? Status,
    string Location, string Notes);
