namespace Platform.Jobs.Engine;

/// <summary>How long a failed job waits for its next attempt.</summary>
internal static class Backoff
{
    private const double MaxSeconds = 3600;

    /// <summary>The base, doubled with each attempt up to an hour, then spread by a quarter to either side.</summary>
    /// <param name="attempt">The attempt that failed, from 1.</param>
    public static TimeSpan Delay(double baseSeconds, int attempt)
    {
        var seconds = Math.Min(MaxSeconds, baseSeconds * Math.Pow(2, Math.Min(attempt - 1, 30)));
#pragma warning disable CA5394 // Spreads load; nothing secret depends on it.
        return TimeSpan.FromSeconds(seconds * (0.75 + 0.5 * Random.Shared.NextDouble()));
#pragma warning restore CA5394
    }
}
