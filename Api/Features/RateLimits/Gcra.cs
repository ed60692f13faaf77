namespace Platform.Api.Features.RateLimits;

/// <summary>
/// The generic cell rate algorithm at one moment: each request moves the caller ahead of the clock by one interval, and
/// nobody may be further ahead than the quota's capacity. There is no window, hence no edge to burst at.
/// </summary>
/// <param name="ahead">How far ahead of the clock, µs.</param>
/// <param name="blocked">For how much longer everything is refused, µs.</param>
internal struct Gcra(long ahead, long blocked)
{
    public long Ahead { get; private set; } = ahead;

    public long Blocked { get; private set; } = blocked;

    /// <summary>The same step as in <see cref="RateLimitScript"/>: both come to the same decisions.</summary>
    public RateDecision Take(RateQuota quota, int weight)
    {
        var cost = weight * quota.Interval;
        var isAllowed = cost == 0 || (Blocked == 0 && Ahead + cost <= quota.Capacity);
        var retryAfter = 0L;
        if (isAllowed)
            Ahead += cost;
        else
        {
            if (Blocked == 0)
                Blocked = quota.Block;
            retryAfter = Blocked > 0 ? Blocked : Ahead + cost - quota.Capacity;
        }
        // After a plan became smaller, a caller may be further ahead than is allowed now.
        return new RateDecision(quota, isAllowed, RemainingOf(quota), Blocked > 0 ? Blocked : Ahead, retryAfter);
    }

    /// <summary>Takes for as many requests of weight 1 as are allowed.</summary>
    public int TakeUpTo(RateQuota quota, int count)
    {
        var taken = Blocked > 0 ? 0 : (int)Math.Clamp((quota.Capacity - Ahead) / quota.Interval, 0, count);
        Ahead += taken * quota.Interval;
        return taken;
    }

    public readonly long RemainingOf(RateQuota quota) => Blocked > 0 ? 0 : Math.Max(0, (quota.Capacity - Ahead) / quota.Interval);
}
