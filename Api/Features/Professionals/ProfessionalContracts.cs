using Platform.Api.Http;
using Platform.Data.Contacts;
using Platform.Data.Scheduling;

namespace Platform.Api.Features.Professionals;

/// <summary>What a client says of a professional; see <see cref="ProfessionalRules"/>.</summary>
internal sealed record ProfessionalInput(
    string? Name, string? Title, string? Email, string? Phone, string?[]? Specialties, string? TimeZone, bool? Active)
{
    public IReadOnlyList<FieldError> Check(out ProfessionalFields? fields) =>
        ProfessionalRules.Check(Name, Title, Email, Phone, Specialties, TimeZone, Active, out fields);
}

internal sealed record ProfessionalResponse(
    Guid Id, string Name, string Title, string? Email, string? Phone, string[] Specialties, string TimeZone, bool Active,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Version) : IVersioned
{
    public static ProfessionalResponse From(Professional row) => new(
        row.Id, row.Name, row.Title, row.Email, row.Phone, row.Specialties, row.TimeZone, row.Active, row.CreatedAt, row.UpdatedAt,
        row.Version);
}
