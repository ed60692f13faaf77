namespace Platform.Web.Security;

/// <summary>Where to go after signing in: only ever a page of this site.</summary>
internal static class ReturnUrl
{
    public const string Home = "/";

    /// <summary>The address itself if it is local and not the sign-in page, else the home page.</summary>
    public static string Safe(string? url)
    {
        if (string.IsNullOrEmpty(url) || url[0] != '/' || url.Length > 1024) return Home;
        // Browsers read //host and /\host as another site, and drop tabs and line breaks before they decide.
        if (url.Length > 1 && url[1] is '/' or '\\') return Home;
        if (url.Any(char.IsControl) || url.Contains('\\')) return Home;
        var path = url.Split('?', '#')[0];
        return path.StartsWith("/sign-", StringComparison.OrdinalIgnoreCase) ? Home : url;
    }
}
