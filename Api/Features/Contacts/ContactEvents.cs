using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Contacts;

namespace Platform.Api.Features.Contacts;

/// <summary>What the tenant's other users and its endpoints are told with a change.</summary>
internal static class ContactEvents
{
    /// <param name="what"><c>created</c> or <c>updated</c>.</param>
    public static void Changed(ChangeNotice notice, TenantTransaction transaction, string what, Contact contact) =>
        notice.AfterCommit(transaction, $"contact.{what}", new { contact.Id, contact.Name, contact.Email, contact.Phone });

    /// <param name="tags">Cached answers the contact was in.</param>
    public static void Deleted(ChangeNotice notice, TenantTransaction transaction, Guid id, params CacheTag[] tags) =>
        notice.AfterCommit(transaction, "contact.deleted", new { id }, tags);
}
