using System.Security.Cryptography;
using System.Text;

namespace Platform.Data.Webhooks;

/// <summary>One thing a call from another system tells.</summary>
public abstract record WebhookItem
{
    /// <summary>Whom it is about, as they are known outside: a phone number or an e-mail address. Null when nobody.</summary>
    public string? Sender { get; init; }

    /// <summary>
    /// The job lane of the sender: what one sender says is done in order. A hash, for the lane is shown to whoever watches the queue.
    /// </summary>
    public string? Lane => Sender is null
        ? null
        : $"webhook:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sender)).AsSpan(0, 12))}";
}

/// <summary>A message somebody sent to the tenant.</summary>
/// <param name="Channel">One of <see cref="Conversations.Channels"/>.</param>
/// <param name="ExternalId">The other system's id; null when it has none.</param>
/// <param name="Phone">As the other system writes it; this or <paramref name="Email"/> is set.</param>
/// <param name="Text">What to show; never empty.</param>
public sealed record IncomingMessage(
    string Channel, string? ExternalId, string? Phone, string? Email, string? Name, string? Subject, string Text) : WebhookItem;

/// <summary>What became of a message the tenant sent.</summary>
/// <param name="Status">One of <see cref="Conversations.MessageStatus"/>, but not queued.</param>
public sealed record MessageDelivery(string Channel, string ExternalId, string Status, string? Error) : WebhookItem;

/// <summary>Something nothing is done about.</summary>
/// <param name="Reason">A sentence for whoever set the other system up; nothing of the payload but names of kinds.</param>
public sealed record IgnoredItem(string Reason) : WebhookItem;
