namespace Platform.Jobs;

/// <summary>So many jobs may start in any stretch of time of that length, retries included, by the database's clock.</summary>
public sealed record RateLimit
{
    /// <summary>The most permits a limit may have.</summary>
    public const int MostPermits = 1_000_000;

    /// <summary>The shortest and the longest span a limit may have: 100 ms and a day.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100), Longest = TimeSpan.FromDays(1);

    /// <param name="permits">1 to <see cref="MostPermits"/>.</param>
    /// <param name="span"><see cref="Shortest"/> to <see cref="Longest"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is out of its range.</exception>
    public RateLimit(int permits, TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(permits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(permits, MostPermits);
        ArgumentOutOfRangeException.ThrowIfLessThan(span, Shortest);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(span, Longest);
        (Permits, Span) = (permits, span);
    }

    public int Permits { get; }

    public TimeSpan Span { get; }
}
