using System.Text.Json;
using Platform.Data.Contacts;
using Platform.Data.Conversations;

namespace Platform.Data.Webhooks;

/// <summary>
/// Calls in the form of Standard Webhooks: <c>{"type": …, "data": {…}}</c>. Types: <c>message.received</c> (channel, id, phone or email,
/// name, subject, text) and <c>message.status</c> (channel, id, status, error).
/// </summary>
internal static class GenericPayload
{
    public static WebhookItem Read(JsonElement root)
    {
        var (type, data) = (root.Text("type", 100), root.Child("data"));
        if (type is not ("message.received" or "message.status"))
            return new IgnoredItem($"Events of type '{WebhookPayload.Word(type)}' aren't handled.");
        var channel = data.Text("channel", 20) ?? Channels.Web;
        if (!Channels.All.Contains(channel))
            return new IgnoredItem($"The channel '{WebhookPayload.Word(channel)}' isn't known.");
        return type == "message.received" ? Message(data, channel) : Delivery(data, channel);
    }

    private static WebhookItem Message(JsonElement data, string channel)
    {
        var (phone, email) = (data.Text("phone", 40), data.Text("email", ContactRules.MaxEmailLength));
        if (phone is null && email is null)
            return new IgnoredItem("A message needs its sender's 'phone' or 'email'.");
        if (data.Text("text", ConversationRules.MaxMessageLength) is not { } text)
            return new IgnoredItem("A message needs 'text'.");
        return new IncomingMessage(
            channel, data.Text("id", MaxIdLength), phone, email, data.Text("name", ContactRules.MaxNameLength),
            data.Text("subject", ConversationRules.MaxSubjectLength), text)
        {
            Sender = phone is null ? email!.ToLowerInvariant() : WebhookPayload.Digits(phone),
        };
    }

    // Room for what tells the ids of one system from those of another.
    private const int MaxIdLength = 160;

    private static WebhookItem Delivery(JsonElement data, string channel)
    {
        var status = data.Text("status", 20);
        if (data.Text("id", MaxIdLength) is not { } id)
            return new IgnoredItem("A status needs the message's 'id'.");
        if (status is not (MessageStatus.Sent or MessageStatus.Delivered or MessageStatus.Read or MessageStatus.Failed))
            return new IgnoredItem($"The status '{WebhookPayload.Word(status)}' isn't known.");
        return new MessageDelivery(channel, id, status, status == MessageStatus.Failed ? data.Text("error", 1000) : null)
        {
            Sender = data.Text("phone", 40) is { } phone ? WebhookPayload.Digits(phone) : data.Text("email", 254)?.ToLowerInvariant(),
        };
    }
}
