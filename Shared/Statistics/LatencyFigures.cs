namespace Platform.Statistics;

/// <summary>What requests took, in milliseconds, over all services and replicas that record.</summary>
/// <param name="Requests">How many.</param>
public sealed record LatencyFigures(double Average, double P50, double P95, double P99, long Requests)
{
    internal static LatencyFigures Of(LatencyHistogram histogram) => new(
        Milliseconds(histogram.Requests == 0 ? 0 : (double)histogram.Totals.Sum / histogram.Requests), Milliseconds(histogram.Percentile(0.5)),
        Milliseconds(histogram.Percentile(0.95)), Milliseconds(histogram.Percentile(0.99)), histogram.Requests);

    private static double Milliseconds(double micros) => Math.Round(micros / 1000, 3);
}
