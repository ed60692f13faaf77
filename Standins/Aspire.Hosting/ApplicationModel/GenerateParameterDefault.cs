using System.Security.Cryptography;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Generates a random value, for passwords.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    // Letters that look alike in many fonts are left out; the special characters need no quoting in shells, URLs and connection strings.
    private const string LowerChars = "abcdefghjkmnpqrstuvwxyz";
    private const string UpperChars = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string NumericChars = "0123456789";
    private const string SpecialChars = "-_.{}~()*+!";

    /// <summary>Characters at least; 128 bits of randomness are kept whatever it says.</summary>
    public int MinLength { get; set; }

    /// <summary>Lower-case letters may occur.</summary>
    public bool Lower { get; set; } = true;

    /// <summary>Upper-case letters may occur.</summary>
    public bool Upper { get; set; } = true;

    /// <summary>Digits may occur.</summary>
    public bool Numeric { get; set; } = true;

    /// <summary>Special characters may occur.</summary>
    public bool Special { get; set; } = true;

    /// <summary>Lower-case letters at least.</summary>
    public int MinLower { get; set; }

    /// <summary>Upper-case letters at least.</summary>
    public int MinUpper { get; set; }

    /// <summary>Digits at least.</summary>
    public int MinNumeric { get; set; }

    /// <summary>Special characters at least.</summary>
    public int MinSpecial { get; set; }

    /// <inheritdoc/>
    public override void WriteToManifest(ManifestPublishingContext context)
    {
        var writer = context.Writer;
        writer.WriteStartObject("generate");
        writer.WriteNumber("minLength", MinLength);
        foreach (var (name, allowed) in new[] { ("lower", Lower), ("upper", Upper), ("numeric", Numeric), ("special", Special) })
        {
            if (!allowed)
                writer.WriteBoolean(name, false);
        }

        foreach (var (name, count) in new[]
        {
            ("minLower", MinLower), ("minUpper", MinUpper), ("minNumeric", MinNumeric), ("minSpecial", MinSpecial),
        })
        {
            if (count > 0)
                writer.WriteNumber(name, count);
        }

        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public override string GetDefaultValue()
    {
        (bool Allowed, int Minimum, string Chars)[] kinds =
        [
            (Lower, MinLower, LowerChars), (Upper, MinUpper, UpperChars),
            (Numeric, MinNumeric, NumericChars), (Special, MinSpecial, SpecialChars),
        ];
        var alphabet = string.Concat(kinds.Where(k => k.Allowed).Select(k => k.Chars));
        if (alphabet.Length == 0)
            throw new ArgumentException("At least one kind of characters must be allowed.");
        if (kinds.Any(k => !k.Allowed && k.Minimum > 0))
            throw new ArgumentException("A minimum is given for a kind of characters that is not allowed.");

        var required = string.Concat(kinds.Select(k => new string(RandomNumberGenerator.GetItems<char>(k.Chars, k.Minimum))));
        var length = Math.Max(MinLength, (int)Math.Ceiling(128 / Math.Log2(alphabet.Length)));
        var filler = RandomNumberGenerator.GetItems<char>(alphabet, Math.Max(0, length - required.Length));
        var value = required.ToCharArray().Concat(filler).ToArray();
        RandomNumberGenerator.Shuffle<char>(value);
        return new string(value);
    }
}
