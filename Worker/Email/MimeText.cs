using System.Globalization;
using System.Text;

namespace Platform.Worker.Email;

/// <summary>Writes an e-mail down: headers in ASCII, text in base64, lines of 76 characters at most.</summary>
internal static class MimeText
{
    private const string LineEnd = "\r\n";

    /// <exception cref="FormatException">A header would have more than one line: somebody tries to write headers of their own.</exception>
    public static byte[] Write(EmailMessage message, string from, string fromName, DateTimeOffset at)
    {
        // One click (RFC 8058) is for https alone; there the post replaces the page.
        var unsubscribe = message.UnsubscribeUrl is not { } url ? ""
            : $"List-Unsubscribe: <{Single(url)}>{LineEnd}"
                + (url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? $"List-Unsubscribe-Post: List-Unsubscribe=One-Click{LineEnd}" : "");
        var text = new StringBuilder()
            .Append("Date: ").Append(at.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture)).Append(LineEnd)
            .Append("From: ").Append(Mailbox(from, fromName)).Append(LineEnd)
            .Append("To: ").Append(Mailbox(message.To, message.ToName)).Append(LineEnd)
            .Append("Subject: ").Append(Words(message.Subject)).Append(LineEnd)
            .Append("Message-ID: <").Append(Single(message.Id)).Append(from.AsSpan(from.LastIndexOf('@'))).Append('>').Append(LineEnd)
            .Append("Auto-Submitted: auto-generated").Append(LineEnd)
            .Append(unsubscribe)
            .Append("MIME-Version: 1.0").Append(LineEnd)
            .Append("Content-Type: text/plain; charset=utf-8").Append(LineEnd)
            .Append("Content-Transfer-Encoding: base64").Append(LineEnd).Append(LineEnd)
            .Append(Convert.ToBase64String(
                Encoding.UTF8.GetBytes(message.Text.ReplaceLineEndings(LineEnd)), Base64FormattingOptions.InsertLineBreaks))
            .Append(LineEnd);
        // ASCII, but for an address with letters of other alphabets.
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string Mailbox(string address, string? name) =>
        string.IsNullOrWhiteSpace(name) ? Single(address) : $"{Words(name, always: true)}{LineEnd} <{Single(address)}>";

    private static string Single(string text) => text.Any(char.IsControl)
        ? throw new FormatException("An address or a subject must be one line, without control characters.")
        : text;

    /// <summary>Plain where it may be, else in encoded words (RFC 2047) of whole characters, one a line.</summary>
    private static string Words(string text, bool always = false)
    {
        Single(text);
        if (!always && text.Length <= 60 && Ascii.IsValid(text) && !text.Contains("=?", StringComparison.Ordinal))
            return text;
        var (words, word) = (new List<string>(), new List<byte>());
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(bytes);
            if (word.Count + length > 42)
                End();
            word.AddRange(bytes[..length]);
        }
        End();
        return string.Join(LineEnd + " ", words);

        void End()
        {
            words.Add($"=?utf-8?B?{Convert.ToBase64String([.. word])}?=");
            word.Clear();
        }
    }
}
