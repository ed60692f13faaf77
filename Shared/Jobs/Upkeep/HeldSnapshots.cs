namespace Platform.Jobs.Upkeep;

/// <summary>
/// For how long each snapshot has kept row versions from being cleaned away. The server tells other roles' sessions only by the
/// transaction they hold back, not since when; that is found by having seen them before.
/// </summary>
internal sealed class HeldSnapshots(TimeProvider time)
{
    private Dictionary<(string Holder, string Xmin), long> _seen = [];

    /// <param name="held">All there are; <c>Seconds</c> where the server tells.</param>
    /// <returns>The one that is held longest.</returns>
    public (string Holder, double Seconds)? Longest(IReadOnlyList<(string Holder, string Xmin, double? Seconds)> held)
    {
        var now = time.GetTimestamp();
        var seen = new Dictionary<(string, string), long>();
        (string Holder, double Seconds)? longest = null;
        foreach (var (holder, xmin, told) in held)
        {
            var since = _seen.GetValueOrDefault((holder, xmin), now);
            seen[(holder, xmin)] = since;
            var seconds = Math.Max(told ?? 0, time.GetElapsedTime(since, now).TotalSeconds);
            if (longest is null || seconds > longest.Value.Seconds)
                longest = (holder, seconds);
        }

        _seen = seen;
        return longest;
    }
}
