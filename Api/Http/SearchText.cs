using Platform.Data.Validation;

namespace Platform.Api.Http;

/// <summary>The text a list is searched for.</summary>
internal static class SearchText
{
    private const int MaxLength = 100;

    /// <summary>Beyond so many matches a search doesn't count on: nobody reads them all.</summary>
    public const long MaxCountedMatches = 10_000;

    /// <summary>Trims it; blank text counts as none.</summary>
    /// <returns>Null when it is text that can be searched for.</returns>
    public static ProblemResult? Check(ref string? search)
    {
        search = string.IsNullOrWhiteSpace(search) ? null : search.Trim();
        return search is { Length: > MaxLength } || search?.Contains('\0', StringComparison.Ordinal) == true
            ? Problems.BadRequest($"'search' must be at most {MaxLength} characters of text.")
            : null;
    }

    /// <summary>The pattern of LIKE for a column in lower case: what a user types is text to find, not a pattern.</summary>
    public static string Pattern(string search) => LikePattern.Containing(search);
}
