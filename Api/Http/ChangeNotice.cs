using System.Text.Json;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Webhooks;
using Platform.Events;

namespace Platform.Api.Http;

/// <summary>
/// What a change entails: with its commit, deliveries to the tenant's endpoints are stored; after it, cached answers are dropped and the
/// tenant's other users are told.
/// </summary>
internal sealed class ChangeNotice(TenantCache cache, ITenantEvents events, WebhookOutbox outbox)
{
    /// <param name="what">The event's type: <c>team.updated</c>.</param>
    /// <param name="data">The event's data.</param>
    /// <param name="subjects">The tags that are invalid then.</param>
    public void AfterCommit(TenantTransaction transaction, string what, object data, params string[] subjects) =>
        AfterCommit(transaction, what, data, Array.ConvertAll(subjects, subject => CacheTag.For(transaction.Tenant, subject)));

    /// <summary>The same, for tags of one owner as well.</summary>
    /// <param name="channel">Who may want the event; null for the whole tenant. Endpoints are told whatever it is.</param>
    public void AfterCommit(TenantTransaction transaction, string what, object data, CacheTag[] tags, string? channel = null)
    {
        var json = JsonSerializer.SerializeToElement(data, JsonSerializerOptions.Web);
        outbox.Add(transaction, new OutgoingEvent(what, json));
        transaction.AfterCommit(async () =>
        {
            if (tags.Length > 0)
                await cache.InvalidateAsync(tags);
            // Done already: a client that left mustn't keep the others from hearing of it, hence no token.
            await events.PublishAsync(transaction.Tenant, new TenantEvent(what, json, channel), CancellationToken.None);
        });
    }
}
