using System.Text.Json;
using Platform.Data;
using Platform.Data.Webhooks;
using Platform.Events;

namespace Platform.Worker.Events;

/// <summary>Tells of a change as the API does: the tenant's endpoints with the commit, its users after it.</summary>
internal sealed class TenantNotices(ITenantEvents events, WebhookOutbox outbox)
{
    /// <param name="channel">Who of the users may want it; null for all.</param>
    public void Tell(TenantTransaction transaction, string what, object data, string? channel = null)
    {
        var json = JsonSerializer.SerializeToElement(data, JsonSerializerOptions.Web);
        outbox.Add(transaction, new OutgoingEvent(what, json));
        Show(transaction, what, json, channel);
    }

    /// <summary>Tells the users alone.</summary>
    public void Show(TenantTransaction transaction, string what, object data, string? channel = null)
    {
        var json = data as JsonElement? ?? JsonSerializer.SerializeToElement(data, JsonSerializerOptions.Web);
        transaction.AfterCommit(async () =>
            await events.PublishAsync(transaction.Tenant, new TenantEvent(what, json, channel), CancellationToken.None));
    }
}
