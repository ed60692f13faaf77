namespace Platform.Data.Validation;

/// <summary>Patterns of LIKE for columns in lower case.</summary>
public static class LikePattern
{
    /// <summary>Whatever has the text in it: what a user types is text to find, not a pattern.</summary>
    public static string Containing(string text)
    {
        var escaped = text.ToLowerInvariant()
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("%", "\\%", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal);
        return $"%{escaped}%";
    }
}
