using System.Text.Json;
using Platform.Data.Contacts;
using Platform.Events;

namespace Platform.Api.Features.Contacts;

/// <summary>What the tenant's other users are told. Call after the commit.</summary>
internal static class ContactEvents
{
    public static TenantEvent Created(Contact contact) => Changed("contact.created", contact);

    public static TenantEvent Updated(Contact contact) => Changed("contact.updated", contact);

    public static TenantEvent Deleted(Guid id) =>
        new("contact.deleted", JsonSerializer.SerializeToElement(new { id }, JsonSerializerOptions.Web));

    private static TenantEvent Changed(string type, Contact contact) => new(
        type, JsonSerializer.SerializeToElement(new { contact.Id, contact.Name, contact.Email, contact.Phone }, JsonSerializerOptions.Web));
}
