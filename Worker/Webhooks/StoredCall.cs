using Platform.Data.Conversations;
using Platform.Data.Webhooks;

namespace Platform.Worker.Webhooks;

/// <summary>A call as it was taken in.</summary>
/// <param name="Id">What its sender knows it by.</param>
internal sealed record StoredCall(Guid SourceId, string Provider, string Id, byte[] Payload)
{
    /// <summary>
    /// What a message is stored under. Ids of other systems are unique in each of them only, so they carry the source; WhatsApp's are
    /// unique everywhere. A message without one has its call's.
    /// </summary>
    /// <param name="position">The message's in the call.</param>
    public string ExternalId(string? id, int position) =>
        Provider == WebhookProviders.Meta && id is not null ? id
        : Cut($"{SourceId:N}:{id ?? $"{Id}#{position}"}");

    /// <summary>What a message may be stored under whose status is told: it was sent through this source, or by the platform itself.</summary>
    public string[] ExternalIds(string id) => Provider == WebhookProviders.Meta ? [id] : [ExternalId(id, 0), id];

    private static string Cut(string id) =>
        id.Length <= ConversationRules.MaxExternalIdLength ? id
        // The end is what differs.
        : string.Concat(id.AsSpan(0, 33), id.AsSpan(id.Length - (ConversationRules.MaxExternalIdLength - 33)));
}
