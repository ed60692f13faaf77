using System.Globalization;

namespace Platform.Web.Formatting;

/// <summary>How people look in a list.</summary>
internal static class People
{
    /// <summary>How many tints the style sheet has (<c>avatar-0</c>…).</summary>
    public const int Tints = 6;

    /// <summary>One or two capitals, by whole characters of any script; "?" for no name.</summary>
    public static string Initials(string? name)
    {
        var words = (name ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var letters = words.Select(FirstLetter).OfType<string>().ToArray();
        return letters switch
        {
            [] => "?",
            [var only] => only,
            [var first, .., var last] => first + last,
        };
    }

    /// <summary>A tint that stays the same for a name, across processes.</summary>
    public static int Tint(string? name)
    {
        uint hash = 2166136261;
        foreach (var character in name ?? "") hash = unchecked((hash ^ character) * 16777619);
        return (int)(hash % Tints);
    }

    private static string? FirstLetter(string word)
    {
        var elements = StringInfo.GetTextElementEnumerator(word);
        while (elements.MoveNext())
        {
            var element = elements.GetTextElement();
            if (char.IsLetterOrDigit(element, 0)) return element.ToUpperInvariant();
        }
        return null;
    }
}
