namespace Platform.Api.Features.RateLimits;

/// <summary>
/// Part of a bucket, taken from Redis for requests that are about to come, so that they needn't wait for it. Counted before it
/// is used, so all replicas together never let through more than the limit; what isn't used in time is lost to the caller, a
/// thousandth of what it has left at most.
/// </summary>
/// <param name="remaining">What the bucket had left beyond the lease.</param>
/// <param name="ahead">How far ahead of the clock the bucket was with the lease taken, µs.</param>
/// <param name="at">When it was asked for.</param>
/// <param name="until">When it ends; both in timestamps.</param>
internal sealed class RateLease(RateQuota quota, int count, long remaining, long ahead, long at, long until)
{
    /// <summary>A lease's life, µs: used later, it would be a burst beyond the limit.</summary>
    public const long Micros = 100_000;

    /// <summary>Requests in one lease.</summary>
    public const int Most = 2048;

    /// <summary>A lease is at most one part in so many of what is left: the last thousand are always asked for one by one.</summary>
    public const int LeastLeft = 1024;

    private readonly int _count = count;
    private int _left = count;

    public RateQuota Quota => quota;

    public long Remaining => remaining;

    public long Ahead => ahead;

    public long At => at;

    public int Left => Math.Max(0, Volatile.Read(ref _left));

    public int Used => _count - Left;

    public bool IsOver(long now) => now >= until || Left == 0;

    public bool TryTake(long now) => now < until && Volatile.Read(ref _left) > 0 && Interlocked.Decrement(ref _left) >= 0;
}
