namespace Platform.Web.Live;

/// <summary>Pauses between attempts: doubling, with full jitter, so that clients of a restarted service don't return as one.</summary>
internal static class Backoff
{
    /// <param name="failures">Failed attempts so far, 1 or more.</param>
    /// <param name="sample">A random number from 0 up to 1.</param>
    public static TimeSpan Next(int failures, TimeSpan first, TimeSpan max, double sample)
    {
        var ceiling = Math.Min(max.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 20)));
        // At least a tenth: never a busy loop.
        return TimeSpan.FromMilliseconds(ceiling * (0.1 + 0.9 * sample));
    }
}
