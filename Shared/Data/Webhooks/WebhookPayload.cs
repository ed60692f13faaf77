using System.Text;
using System.Text.Json;

namespace Platform.Data.Webhooks;

/// <summary>Reads what other systems send. Whatever comes, it gives items and never throws.</summary>
public static class WebhookPayload
{
    /// <summary>Bytes a call may have.</summary>
    public const int MaxBytes = 256 * 1024;

    private const int MaxWord = 60;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32 };

    /// <param name="provider">One of <see cref="WebhookProviders"/>.</param>
    /// <param name="body">The call's body as it came.</param>
    /// <returns>In the sender's order; at least one.</returns>
    public static IReadOnlyList<WebhookItem> Read(string provider, ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Options);
            var items = provider == WebhookProviders.Meta
                ? MetaPayload.Read(document.RootElement).ToList()
                : [GenericPayload.Read(document.RootElement)];
            return items.Count > 0 ? items : [new IgnoredItem("The call tells nothing.")];
        }
        // The latter for text that isn't Unicode.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return [new IgnoredItem("The body isn't the JSON its sender should send.")];
        }
    }

    /// <summary>The property's text without what can't be stored; null when it has none.</summary>
    internal static string? Text(this JsonElement element, string name, int max)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out var value))
            return null;
        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        };
        return string.IsNullOrWhiteSpace(text) ? null : Cut(text.Replace('\0', '\uFFFD').Trim(), max);
    }

    internal static JsonElement Child(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    internal static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Child(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    /// <summary>A kind's name as a reason may repeat it: what it is made of is up to a stranger.</summary>
    internal static string Word(string? kind) =>
        kind is null ? "?" : string.Concat(kind.Where(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '.' or '-').Take(MaxWord));

    internal static string Cut(string text, int max)
    {
        if (text.Length <= max)
            return text;
        return char.IsHighSurrogate(text[max - 1]) ? text[..(max - 1)] : text[..max];
    }

    /// <summary>Digits of a phone number, so that one number has one lane however it is written.</summary>
    internal static string Digits(string phone)
    {
        var digits = new StringBuilder(phone.Length);
        foreach (var character in phone)
        {
            if (char.IsAsciiDigit(character))
                digits.Append(character);
        }
        return digits.ToString();
    }
}
