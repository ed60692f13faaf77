using System.Globalization;

namespace Platform.Statistics;

/// <summary>
/// Fields of a minute's hash: <c>{process}|r|{method}|{route}</c> holds a histogram, <c>{process}|c|{kind}</c> hits and misses.
/// Only its own process writes a field, always the whole of it: writing it twice changes nothing.
/// </summary>
internal static class StatisticsField
{
    public static string Route(string process, RouteRecorder route) => $"{process}|r|{route.Method}|{route.Route}";

    public static string Cache(string process, string kind) => $"{process}|c|{kind}";

    public static byte[] CacheValue(long hits, long misses) =>
        System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{hits} {misses}"));

    public static bool TryReadCache(ReadOnlySpan<byte> value, out long hits, out long misses)
    {
        hits = misses = 0;
        var space = value.IndexOf((byte)' ');
        return space > 0 && long.TryParse(value[..space], CultureInfo.InvariantCulture, out hits)
            && long.TryParse(value[(space + 1)..], CultureInfo.InvariantCulture, out misses);
    }

    /// <summary>The part without the process: what figures of several processes have in common.</summary>
    public static string? Subject(string field) => field.IndexOf('|', StringComparison.Ordinal) is > 0 and var at ? field[(at + 1)..] : null;
}
