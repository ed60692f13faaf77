using System.ComponentModel;
using Platform.Api.Http;
using Platform.Data.Contacts;
using Platform.Data.Validation;

namespace Platform.Api.Features.Profile;

internal sealed record ProfileInput(
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
            checks.Locale(Locale, "locale", "The language", orElse: "en"), checks.TimeZone(TimeZone, "timeZone", "The time zone", orElse: "UTC"));
        return checks.Errors;
    }
}

internal sealed record ProfileResponse(
    Guid Id, string Email, string Name, string Locale, string TimeZone, DateTimeOffset UpdatedAt, long Version) : IVersioned
{
    // Everybody's own has the same address: the first version of one must not pass for that of another.
    bool IVersioned.IsComposed => true;
}
