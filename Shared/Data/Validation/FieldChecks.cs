using System.Text;
using System.Text.RegularExpressions;
using Platform.Data.Contacts;

namespace Platform.Data.Validation;

/// <summary>Tidies the fields of an input and gathers what is wrong with them.</summary>
public sealed partial class FieldChecks
{
    private readonly List<FieldError> _errors = [];

    /// <summary>In the order of the checks; empty when all is well.</summary>
    public IReadOnlyList<FieldError> Errors => _errors;

    public void Add(string field, string message) => _errors.Add(new FieldError(field, message));

    /// <summary>Whether nothing is wrong with the field so far.</summary>
    public bool IsFine(string field) => !_errors.Exists(error => error.Field == field);

    /// <summary>Trimmed, in normal form, without control characters.</summary>
    /// <param name="label">Begins the sentence: "The name".</param>
    /// <param name="max">Characters.</param>
    /// <param name="lines">Whether line breaks and tabs are text, too.</param>
    /// <returns>The text; empty when it is missing, which is an error if it is required.</returns>
    public string Text(string? value, string field, string label, int max, bool required = true, bool lines = false)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            if (required)
                Add(field, $"{label} is missing.");
            return "";
        }
        // Half a surrogate pair can't be stored as UTF-8, and normalising it throws.
        var text = IsWellFormed(value) ? value.Trim().Normalize(NormalizationForm.FormC) : null;
        if (text is null || text.Any(character => char.IsControl(character) && !(lines && character is ('\n' or '\r' or '\t'))))
            Add(field, $"{label} contains characters that aren't allowed.");
        else if (text.Length > max)
            Add(field, $"{label} is longer than {max} characters.");
        return text ?? "";
    }

    /// <returns>The address, null when there is none.</returns>
    public string? Email(string? value, string field, string label, bool required = false)
    {
        var text = Text(value, field, label, ContactRules.MaxEmailLength, required);
        if (text.Length > 0 && IsFine(field) && !ContactRules.IsEmail(text))
            Add(field, $"{label} isn't valid.");
        return text.Length == 0 ? null : text;
    }

    /// <returns>Digits, with a leading + when the country is known; null when there is none.</returns>
    public string? Phone(string? value, string field, string label)
    {
        var text = Text(value, field, label, 40, required: false);
        if (text.Length == 0 || !IsFine(field))
            return null;
        var phone = ContactRules.NormalisePhone(text);
        if (phone is null)
        {
            Add(field, $"{label} isn't valid: {ContactRules.MinPhoneDigits} to {ContactRules.MaxPhoneDigits} digits, " +
                "with an optional leading +.");
        }
        return phone;
    }

    /// <returns>The IANA name of a time zone this system knows.</returns>
    public string TimeZone(string? value, string field, string label, string orElse)
    {
        if (string.IsNullOrWhiteSpace(value))
            return orElse;
        var name = value.Trim();
        if (name.Length > 64 || !TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) || !zone.HasIanaId)
            Add(field, $"{label} isn't the IANA name of a time zone, such as Europe/Madrid.");
        return name;
    }

    /// <returns>A BCP 47 tag: <c>en</c>, <c>pt-BR</c>.</returns>
    public string Locale(string? value, string field, string label, string orElse)
    {
        var tag = value?.Trim() ?? orElse;
        if (!LanguageTag().IsMatch(tag))
            Add(field, $"{label} must be a tag such as en or pt-BR.");
        return tag;
    }

    /// <summary>One of a few words.</summary>
    public string OneOf(string? value, string field, string label, IReadOnlyCollection<string> words, string? orElse = null)
    {
        value ??= orElse;
        if (value is null)
            Add(field, $"{label} is missing.");
        else if (!words.Contains(value))
            Add(field, $"{label} must be one of: {string.Join(", ", words)}.");
        return value ?? "";
    }

    /// <summary>A moment people plan for: an input of year 1 or 9999 is a mistake, and neither is far enough from infinity.</summary>
    public DateTimeOffset Time(DateTimeOffset? value, string field, string label)
    {
        if (value is null)
            Add(field, $"{label} is missing.");
        else if (value.Value.UtcDateTime.Year is < 2000 or > 2199)
            Add(field, $"{label} must be in the years 2000 to 2199.");
        return value.GetValueOrDefault().ToUniversalTime();
    }

    [GeneratedRegex(@"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex LanguageTag();

    private static bool IsWellFormed(string value)
    {
        var rest = value.AsSpan();
        while (Rune.DecodeFromUtf16(rest, out _, out var consumed) == System.Buffers.OperationStatus.Done)
            rest = rest[consumed..];
        return rest.IsEmpty;
    }
}
