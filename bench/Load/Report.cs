using System.Globalization;
using Platform.Load.Generator;

namespace Platform.Load;

/// <summary>Figures on the console, each mark with whether it was met.</summary>
internal static class Report
{
    private static bool _missed;

    /// <summary>0 when every mark of this run was met, else 1.</summary>
    public static int ExitCode => _missed ? 1 : 0;

    public static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    public static void Result(string title, LoadResult result)
    {
        Line($"{title,-34} {result.PerSecond,9:N0}/s   p50 {result.P50,7:0.00}   p95 {result.P95,7:0.00}   p99 {result.P99,7:0.00}   max {result.Max,7:0.0} ms");
        Line($"{"",-34} {result.StatusText}; {result.Bytes / Math.Max(1, result.Requests):N0} bytes each; processor time a request: {result.CpuText}");
    }

    public static void AtLeast(string what, double value, double mark, string unit = "") =>
        Mark(what, value, "at least", mark, unit, value >= mark);

    public static void AtMost(string what, double value, double mark, string unit = "") =>
        Mark(what, value, "at most", mark, unit, value <= mark);

    public static void Exactly(string what, double value, double mark) => Mark(what, value, "exactly", mark, "", value == mark);

    /// <summary>A figure that can't be judged; it counts as missed.</summary>
    public static void Missing(string what, string why)
    {
        _missed = true;
        Line($"{what,-58} MISSED: {why}");
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static void Mark(string what, double value, string how, double mark, string unit, bool met)
    {
        _missed |= !met;
        Line($"{what,-58} {value,9:0.##} {unit,-3} (mark: {how} {mark:0.##}) {(met ? "met" : "MISSED")}");
    }
}
