namespace Platform.Jobs.Upkeep;

/// <summary>How long jobs took, in milliseconds.</summary>
/// <param name="P50">Half took no longer.</param>
/// <param name="P95">95 % took no longer.</param>
public sealed record JobTimes(double Mean, double P50, double P95)
{
    /// <summary>Rounded to microseconds.</summary>
    internal static JobTimes Of(double mean, double p50, double p95) => new(Math.Round(mean, 3), Math.Round(p50, 3), Math.Round(p95, 3));
}
