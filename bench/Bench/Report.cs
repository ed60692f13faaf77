using System.Globalization;

namespace Platform.Bench;

/// <summary>Figures of the rounds of one run, shown as medians and ratios.</summary>
internal static class Report
{
    /// <summary>Whether every mark that was shown so far was met.</summary>
    public static bool AllMet { get; private set; } = true;

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <param name="sorted">Ascending.</param>
    public static double Percentile(double[] sorted, double p) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * p))];

    public static void Rates(string title, IReadOnlyList<double> rates) => Line(
        $"{title,-44} {Median(rates),10:N0}/s   ({string.Join(", ", rates.Select(r => r.ToString("N0", CultureInfo.InvariantCulture)))})");

    public static void Costs(string title, IReadOnlyList<(double Server, double Client)> costs, string server = "Postgres") => Line(
        $"{title,-44} {Median(costs.Select(c => c.Server)),10:0.0} µs of {server} and {Median(costs.Select(c => c.Client)):0.0} µs of client a job");

    public static void Ratio(string title, double ratio, double mark) =>
        Line($"{title,-44} {ratio,10:0.00}     (mark: at least {mark:0.00}) {Verdict(ratio >= mark)}");

    public static void Latencies(string title, double[] sorted) => Line(
        $"{title,-44} p50 {Percentile(sorted, 0.5),7:0.00} ms   p95 {Percentile(sorted, 0.95),7:0.00} ms   p99 {Percentile(sorted, 0.99),7:0.00} ms   max {sorted[^1],7:0.0} ms");

    public static void AtMost(string title, double value, double mark, string unit) =>
        Line($"{title,-44} {value,10:0.00} {unit,-4} (mark: at most {mark:0.##}) {Verdict(value <= mark)}");

    public static void Exactly(string what, long value, long expected) =>
        Line($"{what,-44} {value,10:N0}     (mark: {expected:N0}) {Verdict(value == expected)}");

    private static string Verdict(bool met)
    {
        AllMet &= met;
        return met ? "met" : "MISSED";
    }

    public static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
