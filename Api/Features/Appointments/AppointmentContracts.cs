using Platform.Api.Http;
using Platform.Data.Contacts;
using Platform.Data.Scheduling;

namespace Platform.Api.Features.Appointments;

/// <summary>What a client says of an appointment; see <see cref="AppointmentRules"/>.</summary>
internal sealed record AppointmentInput(
    string? Title, Guid? ProfessionalId, Guid? ContactId, DateTimeOffset? StartsAt, DateTimeOffset? EndsAt, string? Status,
    string? Location, string? Notes)
{
    public IReadOnlyList<FieldError> Check(out AppointmentFields? fields) =>
        AppointmentRules.Check(Title, ProfessionalId, ContactId, StartsAt, EndsAt, Status, Location, Notes, out fields);
}

internal sealed record AppointmentResponse(
    Guid Id, string Title, Guid ProfessionalId, Guid? ContactId, DateTimeOffset StartsAt, DateTimeOffset EndsAt, string Status,
    string Location, string Notes, Guid? CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Version) : IVersioned
{
    public static AppointmentResponse From(Appointment row) => new(
        row.Id, row.Title, row.ProfessionalId, row.ContactId, row.StartsAt, row.EndsAt, row.Status, row.Location, row.Notes,
        row.CreatedBy, row.CreatedAt, row.UpdatedAt, row.Version);
}
