using Platform.Api.Http;
using Platform.Data.Contacts;

namespace Platform.Api.Features.Contacts;

/// <summary>What a client says of a contact; see <see cref="ContactRules"/>.</summary>
internal sealed record ContactInput(string? Name, string? Email, string? Phone);

internal sealed record ContactResponse(
    Guid Id, string Name, string? Email, string? Phone, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Version) : IVersioned
{
    public static ContactResponse From(Contact contact) => new(
        contact.Id, contact.Name, contact.Email, contact.Phone, contact.CreatedAt, contact.UpdatedAt, contact.Version);
}
