using System.Collections.Concurrent;

namespace Platform.Jobs.Internal;

/// <summary>
/// Decides which enqueues tell the workers of themselves. Committing a notification takes a lock that all of them share,
/// so at a high rate most are left out: a worker that was woken looks again a few milliseconds later anyway.
/// </summary>
internal sealed class EnqueueHints(TimeProvider time)
{
    /// <summary>The channel workers listen on; the payload is the queue's name, or nothing for any.</summary>
    public const string Channel = "jobs_ready";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);
    private readonly ConcurrentDictionary<string, long> _last = new(StringComparer.Ordinal);

    /// <summary>True for at most one enqueue of a queue in two milliseconds.</summary>
    public bool ShouldNotify(string queue)
    {
        var now = time.GetTimestamp();
        if (_last.TryGetValue(queue, out var last) && time.GetElapsedTime(last, now) < Interval)
            return false;
        _last[queue] = now;
        return true;
    }
}
