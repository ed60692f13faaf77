using System.ComponentModel;
using System.Text.RegularExpressions;
using Platform.Api.Http;
using Platform.Data.Contacts;
using Platform.Data.Tenants;
using Platform.Data.Validation;

namespace Platform.Api.Features.Settings;

internal sealed partial record SettingsInput(
    [property: Description("IANA name: `Europe/Paris`. UTC if absent.")] string? TimeZone,
    [property: Description("BCP 47 tag: `en`, `pt-BR`. English if absent.")] string? Locale,
    [property: Description("As in style sheets: `#3b5bdb`, which it is if absent.")] string? BrandColor)
{
    /// <returns>The errors; the input as it is to be stored when there are none.</returns>
    public IReadOnlyList<FieldError> Check(out SettingsInput tidy)
    {
        var checks = new FieldChecks();
        var unchanged = new TenantSettings();
        tidy = new SettingsInput(
            checks.TimeZone(TimeZone, "timeZone", "The time zone", unchanged.TimeZone),
            checks.Locale(Locale, "locale", "The language", unchanged.Locale),
            BrandColor?.Trim().ToLowerInvariant() ?? unchanged.BrandColor);
        if (!Color().IsMatch(tidy.BrandColor!))
            checks.Add("brandColor", "The colour must be # and six hexadecimal digits.");
        return checks.Errors;
    }

    [GeneratedRegex(@"^#[0-9a-f]{6}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Color();
}

/// <param name="UpdatedAt">Null while they are what they are without having been changed.</param>
internal sealed record SettingsResponse(string TimeZone, string Locale, string BrandColor, DateTimeOffset? UpdatedAt, long Version)
    : IVersioned
{
    // Every tenant's have the same address: the first version of one must not pass for that of another.
    bool IVersioned.IsComposed => true;

    public static SettingsResponse From(TenantSettings? row)
    {
        var settings = row ?? new TenantSettings();
        return new(settings.TimeZone, settings.Locale, settings.BrandColor, row?.UpdatedAt, settings.Version);
    }
}
