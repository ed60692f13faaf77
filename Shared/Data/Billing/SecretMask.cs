namespace Platform.Data.Billing;

/// <summary>How a stored secret is shown: <c>••••1234</c>.</summary>
public static class SecretMask
{
    private const string Dots = "••••";
    private const int HintLength = 4;

    /// <summary>The last characters of a secret, kept beside it.</summary>
    public static string Hint(string secret) => secret[^HintLength..];

    /// <returns>Null when there is no secret.</returns>
    public static string? Show(string? hint) => hint is null ? null : Dots + hint;

    public static bool IsMask(string text) => text.StartsWith(Dots[0]);
}
