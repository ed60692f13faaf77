using System.Globalization;

namespace Platform.Web.Formatting;

/// <summary>Numbers and sizes as the pages write them.</summary>
internal static class Numbers
{
    /// <summary>12345 → 12,345.</summary>
    public static string Grouped(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1 contact", "2,000 contacts".</summary>
    public static string Count(long number, string noun) => $"{Grouped(number)} {noun}{(number == 1 ? "" : "s")}";

    /// <summary>Bytes in the largest unit that leaves at least 1: "812 B", "1.4 MB".</summary>
    public static string Size(long bytes)
    {
        string[] units = ["B", "KB", "MB", "GB"];
        double size = bytes;
        var unit = 0;
        while (size >= 1000 && unit < units.Length - 1)
        {
            size /= 1024;
            unit++;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{size.ToString(unit == 0 || size >= 10 ? "0" : "0.#", CultureInfo.InvariantCulture)} {units[unit]}");
    }

    /// <summary>Part of a whole in percent, rounded down so that 100 means done; 0 for an unknown whole.</summary>
    public static int Percent(long done, long total) => total <= 0 ? 0 : (int)Math.Clamp(done * 100 / total, 0, 100);
}
