namespace Platform.Worker.Email;

/// <summary>What the server says to a command.</summary>
/// <param name="Lines">Without code; the last one ends the reply.</param>
internal sealed record SmtpReply(int Code, IReadOnlyList<string> Lines)
{
    public bool IsPositive => Code is >= 200 and < 400;

    public bool IsPermanent => Code is >= 500 and < 600;

    /// <summary>The codes without the words: <c>550 5.1.1</c>.</summary>
    public string Summary
    {
        get
        {
            var first = Lines.Count > 0 ? Lines[^1].Split(' ')[0] : "";
            return first.Split('.') is [{ Length: 1 }, { Length: <= 3 }, { Length: <= 3 }] parts && parts.All(part => part.All(char.IsAsciiDigit))
                ? $"{Code} {first}"
                : $"{Code}";
        }
    }

    /// <summary>Whether the server offers an extension in its answer to EHLO.</summary>
    public bool Offers(string extension, string? parameter = null) => Lines.Skip(1)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Any(words => words.Length > 0 && words[0].Equals(extension, StringComparison.OrdinalIgnoreCase)
            && (parameter is null || words.Skip(1).Contains(parameter, StringComparer.OrdinalIgnoreCase)));
}
