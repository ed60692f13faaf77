using System.ComponentModel;
using System.Text.RegularExpressions;
using Platform.Api.Http;
using Platform.Data.Contacts;
using Platform.Data.Validation;

namespace Platform.Api.Features.Profile;

internal sealed partial record ProfileInput(
    string? Name,
    [property: Description("BCP 47 tag: `en`, `pt-BR`.")] string? Locale,
    [property: Description("IANA name: `Europe/Paris`.")] string? TimeZone)
{
    private const int MaxNameLength = 200;

    /// <returns>The errors; the input as it is to be stored when there are none.</returns>
    public IReadOnlyList<FieldError> Check(out ProfileInput tidy)
    {
        var checks = new FieldChecks();
        tidy = new ProfileInput(
            checks.Text(Name, "name", "The name", MaxNameLength),
            Locale?.Trim() ?? "en", checks.TimeZone(TimeZone, "timeZone", "The time zone", orElse: "UTC"));
        if (!Tag().IsMatch(tidy.Locale!))
            checks.Add("locale", "The language must be a tag such as en or pt-BR.");
        return checks.Errors;
    }

    [GeneratedRegex(@"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();
}

internal sealed record ProfileResponse(
    Guid Id, string Email, string Name, string Locale, string TimeZone, DateTimeOffset UpdatedAt, long Version) : IVersioned
{
    // Everybody's own has the same address: the first version of one must not pass for that of another.
    bool IVersioned.IsComposed => true;
}
