using System.Buffers;
using System.Globalization;
using System.Text;

namespace Platform.Data.Contacts;

/// <summary>The one definition of a valid contact, for the API's forms and for imported files.</summary>
public static class ContactRules
{
    /// <summary>Characters.</summary>
    public const int MaxNameLength = 200;

    /// <summary>Characters; the limit of RFC 5321.</summary>
    public const int MaxEmailLength = 254;

    /// <summary>Digits, as in E.164.</summary>
    public const int MinPhoneDigits = 7, MaxPhoneDigits = 15;

    private static readonly SearchValues<char> NotInLocalPart = SearchValues.Create(" \t,;:<>()[]\\\"");

    /// <summary>Trims and normalises the fields; blank ones count as absent.</summary>
    /// <param name="fields">What to store; null when there is an error.</param>
    /// <returns>The errors, at most one a field; empty when all is well.</returns>
    public static IReadOnlyList<FieldError> Check(string? name, string? email, string? phone, out ContactFields? fields)
    {
        fields = null;
        var errors = new List<FieldError>();
        var tidyName = Tidy(name, "name", "The name", MaxNameLength, errors);
        var tidyEmail = Tidy(email, "email", "The e-mail address", MaxEmailLength, errors);
        var tidyPhone = Tidy(phone, "phone", "The phone number", 40, errors);

        if (tidyName is null && !Has(errors, "name"))
            errors.Add(new("name", "The name is missing."));
        if (tidyEmail is not null && !IsEmail(tidyEmail))
            errors.Add(new("email", "The e-mail address isn't valid."));
        var normalPhone = tidyPhone is null ? null : NormalisePhone(tidyPhone);
        if (tidyPhone is not null && normalPhone is null)
        {
            errors.Add(new(
                "phone", $"The phone number isn't valid: {MinPhoneDigits} to {MaxPhoneDigits} digits, with an optional leading +."));
        }
        if (tidyEmail is null && tidyPhone is null && !Has(errors, "email") && !Has(errors, "phone"))
            errors.Add(new("email", "An e-mail address or a phone number is needed."));

        if (errors.Count == 0)
            fields = new ContactFields(tidyName!, tidyEmail, normalPhone);
        return errors;
    }

    private static bool Has(List<FieldError> errors, string field) => errors.Exists(error => error.Field == field);

    private static string? Tidy(string? value, string field, string label, int maxLength, List<FieldError> errors)
    {
        if (string.IsNullOrWhiteSpace(value))
            return null;
        // Half a surrogate pair can't be stored as UTF-8, and normalising it throws.
        if (!IsWellFormed(value))
        {
            errors.Add(new(field, $"{label} contains characters that aren't allowed."));
            return null;
        }
        var tidy = value.Trim().Normalize(NormalizationForm.FormC);
        if (tidy.Any(char.IsControl))
            errors.Add(new(field, $"{label} contains control characters."));
        else if (tidy.Length > maxLength)
            errors.Add(new(field, $"{label} is longer than {maxLength} characters."));
        else
            return tidy;
        return null;
    }

    private static bool IsWellFormed(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (!char.IsSurrogate(value[i]))
                continue;
            if (i + 1 == value.Length || !char.IsSurrogatePair(value[i], value[i + 1]))
                return false;
            i++;
        }
        return true;
    }

    // Whether mail arrives is found out by sending it; this refuses what can't be an address at all.
    internal static bool IsEmail(string value)
    {
        var at = value.IndexOf('@', StringComparison.Ordinal);
        if (at is < 1 or > 64 || value.LastIndexOf('@') != at)
            return false;
        var local = value.AsSpan(0, at);
        var domain = value.AsSpan(at + 1);
        return !local.ContainsAny(NotInLocalPart) && local[0] != '.' && local[^1] != '.' && !local.Contains("..", StringComparison.Ordinal)
            && IsDomain(domain);
    }

    private static bool IsDomain(ReadOnlySpan<char> domain)
    {
        if (domain.IndexOf('.') < 0)
            return false;
        foreach (var range in domain.Split('.'))
        {
            var label = domain[range];
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-')
                return false;
            foreach (var character in label)
            {
                // Letters of any script, with the marks some scripts write them with: internationalised names are names.
                if (!char.IsLetterOrDigit(character) && character != '-' && !char.IsSurrogate(character) && !IsMark(character))
                    return false;
            }
        }
        return true;
    }

    private static bool IsMark(char character) =>
        char.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    internal static string? NormalisePhone(string value)
    {
        var text = value.AsSpan();
        var digits = new StringBuilder(value.Length);
        if (text.StartsWith("+"))
        {
            digits.Append('+');
            text = text[1..];
        }
        else if (text.StartsWith("00"))
        {
            digits.Append('+');
            text = text[2..];
        }
        foreach (var character in text)
        {
            if (char.IsAsciiDigit(character))
                digits.Append(character);
            else if (character is not (' ' or '-' or '.' or '(' or ')' or '/' or '\u00A0' or '\u2011' or '\u2013'))
                return null;
        }
        var count = digits.Length - (digits.Length > 0 && digits[0] == '+' ? 1 : 0);
        return count is >= MinPhoneDigits and <= MaxPhoneDigits ? digits.ToString() : null;
    }
}
