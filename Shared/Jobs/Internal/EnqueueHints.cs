using System.Collections.Concurrent;

namespace Platform.Jobs.Internal;

/// <summary>
/// Decides which enqueues tell the workers of themselves. Committing a notification takes a lock that all of them share,
/// so at a high rate most are left out: a worker that is woken all the time looks again a few milliseconds later anyway.
/// </summary>
internal sealed class EnqueueHints(TimeProvider time)
{
    /// <summary>The channel workers listen on; the payload is the queue's name, or nothing for any.</summary>
    public const string Channel = "jobs_ready";

    /// <summary>500 a second for each queue, and 10 at once.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2), Burst = 10 * Interval;

    private readonly ConcurrentDictionary<string, TimeSpan> _next = new(StringComparer.Ordinal);
    private readonly long _start = time.GetTimestamp();

    /// <summary>False for what comes faster than a worker would look for it by itself.</summary>
    public bool ShouldNotify(string queue)
    {
        var now = time.GetElapsedTime(_start);
        var next = _next.GetValueOrDefault(queue);
        if (next > now + Burst)
            return false;
        _next[queue] = (next > now ? next : now) + Interval;
        return true;
    }
}
