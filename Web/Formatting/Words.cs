namespace Platform.Web.Formatting;

internal static class Words
{
    /// <summary>pro → Pro.</summary>
    public static string Capitalized(string word) => word.Length == 0 ? "" : char.ToUpperInvariant(word[0]) + word[1..];
}
