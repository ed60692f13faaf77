namespace Platform.Data.Conversations;

/// <summary>What <c>channel</c> of conversations, messages and campaigns may be.</summary>
public static class Channels
{
    public const string WhatsApp = "whatsapp";
    public const string Email = "email";
    public const string Web = "web";
    public const string Sms = "sms";

    public static IReadOnlyList<string> All { get; } = [WhatsApp, Email, Web, Sms];
}
