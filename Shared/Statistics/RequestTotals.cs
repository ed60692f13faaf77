namespace Platform.Statistics;

/// <summary>What is added up over requests, beside the histogram of their times.</summary>
/// <param name="Sum">µs.</param>
/// <param name="Slow">As <see cref="RequestMarks.Slow"/>, and so on.</param>
internal readonly record struct RequestTotals(long Sum, long Slow, long Late, long Errors, long Hits, long Misses)
{
    public static RequestTotals operator +(RequestTotals one, RequestTotals other) => new(
        one.Sum + other.Sum, one.Slow + other.Slow, one.Late + other.Late, one.Errors + other.Errors,
        one.Hits + other.Hits, one.Misses + other.Misses);
}
