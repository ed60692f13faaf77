using System.Text.Json;
using Platform.Data.Contacts;
using Platform.Data.Conversations;

namespace Platform.Data.Webhooks;

/// <summary>
/// The WhatsApp Business Platform's calls: <c>entry[].changes[].value</c> with <c>messages[]</c>, <c>statuses[]</c> and the senders'
/// profiles in <c>contacts[]</c>.
/// </summary>
internal static class MetaPayload
{
    public static IEnumerable<WebhookItem> Read(JsonElement root)
    {
        if (root.Text("object", 60) is var kind && kind != "whatsapp_business_account")
        {
            yield return new IgnoredItem($"Calls about '{WebhookPayload.Word(kind)}' aren't handled.");
            yield break;
        }
        foreach (var change in root.Items("entry").SelectMany(entry => entry.Items("changes")))
        {
            if (change.Text("field", 60) is var field && field != "messages")
            {
                yield return new IgnoredItem($"Changes of '{WebhookPayload.Word(field)}' aren't handled.");
                continue;
            }
            var value = change.Child("value");
            foreach (var message in value.Items("messages"))
                yield return Message(message, value);
            foreach (var status in value.Items("statuses"))
                yield return Delivery(status);
        }
    }

    private static WebhookItem Message(JsonElement message, JsonElement value)
    {
        var kind = message.Text("type", 60);
        if (message.Text("from", 40) is not { } from || message.Text("id", ConversationRules.MaxExternalIdLength) is not { } id)
            return new IgnoredItem("A message without sender or id isn't handled.");
        if (kind is null or "reaction" or "system" or "unsupported" or "unknown")
            return new IgnoredItem($"Messages of type '{WebhookPayload.Word(kind)}' aren't handled.") { Sender = from };
        var name = value.Items("contacts").FirstOrDefault(contact => contact.Text("wa_id", 40) == from)
            .Child("profile").Text("name", ContactRules.MaxNameLength);
        // The platform writes numbers with their country, but without the plus.
        return new IncomingMessage(Channels.WhatsApp, id, $"+{WebhookPayload.Digits(from)}", null, name, null, Text(message, kind))
        {
            Sender = WebhookPayload.Digits(from),
        };
    }

    private static string Text(JsonElement message, string kind)
    {
        var content = message.Child(kind);
        return kind switch
        {
            "text" => content.Text("body", ConversationRules.MaxMessageLength),
            "button" => content.Text("text", ConversationRules.MaxMessageLength),
            "interactive" => (content.Child("button_reply") is { ValueKind: JsonValueKind.Object } button ? button : content.Child("list_reply"))
                .Text("title", ConversationRules.MaxMessageLength),
            // Pictures, files and the like: their caption. What they show isn't fetched.
            _ => content.Text("caption", ConversationRules.MaxMessageLength) ?? content.Text("filename", ConversationRules.MaxMessageLength),
        }
        ?? $"[{WebhookPayload.Word(kind)}]";
    }

    private static WebhookItem Delivery(JsonElement status)
    {
        var word = status.Text("status", 20);
        if (status.Text("id", ConversationRules.MaxExternalIdLength) is not { } id
            || word is not (MessageStatus.Sent or MessageStatus.Delivered or MessageStatus.Read or MessageStatus.Failed))
            return new IgnoredItem($"The status '{WebhookPayload.Word(word)}' isn't handled.");
        var error = word == MessageStatus.Failed
            ? status.Items("errors").FirstOrDefault().Text("title", 1000) ?? "The channel couldn't deliver it."
            : null;
        return new MessageDelivery(Channels.WhatsApp, id, word, error)
        {
            Sender = status.Text("recipient_id", 40) is { } recipient ? WebhookPayload.Digits(recipient) : null,
        };
    }
}
