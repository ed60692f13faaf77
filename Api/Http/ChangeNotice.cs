using System.Text.Json;
using Platform.Caching;
using Platform.Data;
using Platform.Events;

namespace Platform.Api.Http;

/// <summary>What follows the commit of a change: cached answers are dropped, the tenant's other users are told.</summary>
internal sealed class ChangeNotice(TenantCache cache, ITenantEvents events)
{
    /// <param name="what">The event's type: <c>team.updated</c>.</param>
    /// <param name="data">The event's data.</param>
    /// <param name="subjects">The tags that are invalid then.</param>
    public void AfterCommit(TenantTransaction transaction, string what, object data, params string[] subjects) =>
        AfterCommit(transaction, what, data, Array.ConvertAll(subjects, subject => CacheTag.For(transaction.Tenant, subject)));

    /// <summary>The same, for tags of one owner as well.</summary>
    public void AfterCommit(TenantTransaction transaction, string what, object data, CacheTag[] tags) =>
        transaction.AfterCommit(async () =>
        {
            if (tags.Length > 0)
                await cache.InvalidateAsync(tags);
            // Done already: a client that left mustn't keep the others from hearing of it, hence no token.
            await events.PublishAsync(
                transaction.Tenant, new TenantEvent(what, JsonSerializer.SerializeToElement(data, JsonSerializerOptions.Web)),
                CancellationToken.None);
        });
}
