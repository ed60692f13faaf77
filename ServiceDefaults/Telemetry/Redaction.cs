using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Platform.ServiceDefaults.Telemetry;

/// <summary>Takes the values of token parameters out of texts that are logged or traced: the last net, not the first.</summary>
internal static partial class Redaction
{
    /// <summary>The text itself when there is nothing to hide.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Scrub(string? text) =>
        text is not null && HasSecret(text) ? Secret().Replace(text, "$1=***") : text;

    private static bool HasSecret(string text) =>
        text.Contains("token=", StringComparison.OrdinalIgnoreCase) || text.Contains("ticket=", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"\b(access_token|refresh_token|id_token|ticket)=[^&\s""'#]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Secret();
}
