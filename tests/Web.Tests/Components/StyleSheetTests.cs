using System.Globalization;
using System.Text.RegularExpressions;

namespace Platform.Web.Tests.Components;

/// <summary>Contrast is arithmetic: WCAG 2.2 asks 4.5 for text, 3 for what marks a control.</summary>
[Trait("Req", "H5")]
public sealed partial class StyleSheetTests
{
    private static readonly Dictionary<string, (string Light, string Dark)> Tokens = Read();

    [Theory]
    [InlineData("ink", "ground")]
    [InlineData("ink", "ground-2")]
    [InlineData("ink", "surface")]
    [InlineData("ink", "fresh")]
    [InlineData("ink-2", "ground")]
    [InlineData("ink-2", "ground-2")]
    [InlineData("ink-2", "surface")]
    [InlineData("ink-2", "surface-2")]
    [InlineData("ink-2", "fresh")]
    [InlineData("accent", "ground")]
    [InlineData("accent", "surface")]
    [InlineData("accent", "accent-soft")]
    [InlineData("accent-ink", "accent")]
    [InlineData("accent-ink", "accent-hover")]
    [InlineData("good", "good-soft")]
    [InlineData("good", "surface")]
    [InlineData("bad", "bad-soft")]
    [InlineData("bad", "surface")]
    [InlineData("bad-ink", "bad-fill")]
    [InlineData("bad-ink", "bad")]
    [InlineData("busy", "busy-soft")]
    public void Text_stands_out(string text, string ground) => AssertContrast(text, ground, 4.5);

    [Theory]
    [InlineData("line-2", "surface")]
    [InlineData("line-2", "ground")]
    [InlineData("accent", "ground")]
    [InlineData("accent", "ground-2")]
    public void Edges_of_controls_stand_out(string edge, string ground) => AssertContrast(edge, ground, 3);

    [Fact]
    public void Avatars_letters_stand_out()
    {
        var tints = Avatar().Matches(Source());

        Assert.Equal(Web.Formatting.People.Tints, tints.Count);
        foreach (Match tint in tints)
        {
            Assert.True(Contrast(tint.Groups[1].Value, tint.Groups[3].Value) >= 4.5, tint.Value);
            Assert.True(Contrast(tint.Groups[2].Value, tint.Groups[4].Value) >= 4.5, tint.Value);
        }
    }

    [Fact]
    public void Motion_can_be_switched_off() => Assert.Contains("prefers-reduced-motion: reduce", Source(), StringComparison.Ordinal);

    private static void AssertContrast(string text, string ground, double least)
    {
        var light = Contrast(Tokens[text].Light, Tokens[ground].Light);
        var dark = Contrast(Tokens[text].Dark, Tokens[ground].Dark);
        Assert.True(light >= least && dark >= least, $"{text} on {ground}: {light:0.00} light, {dark:0.00} dark; {least} needed.");
    }

    private static double Contrast(string one, string other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    private static double Luminance(string colour)
    {
        return 0.2126 * Channel(1) + 0.7152 * Channel(3) + 0.0722 * Channel(5);

        double Channel(int start)
        {
            var value = int.Parse(colour.AsSpan(start, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
            return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
        }
    }

    private static Dictionary<string, (string Light, string Dark)> Read() =>
        Token().Matches(Source()).ToDictionary(match => match.Groups[1].Value, match => (match.Groups[2].Value, match.Groups[3].Value));

    private static string Source()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Platform.sln"))) folder = folder.Parent;
        return File.ReadAllText(Path.Combine(folder.FullName, "Web", "wwwroot", "css", "app.css"));
    }

    [GeneratedRegex(@"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")]
    private static partial Regex Token();

    [GeneratedRegex(@"\.avatar-\d \{ background: light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\); color: light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\); \}")]
    private static partial Regex Avatar();
}
