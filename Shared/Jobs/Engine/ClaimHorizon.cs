namespace Platform.Jobs.Engine;

/// <summary>
/// Where claims begin to look in a queue. Rows of ended jobs stay in the hot table as long as any transaction could still see them, and
/// a claim walks over all of them: while somebody holds an old snapshot, more with every job. So once claims get slow they begin at the
/// first job that was waiting a moment ago. A job that shows up before that (its transaction took long) waits for the next look from
/// the beginning: a second later, or as much more as keeps those looks below a twentieth of the time. A look that isn't over in time
/// is ended by the database; who has no mark then, a worker that has just begun, starts near the queue's end.
/// </summary>
internal sealed class ClaimHorizon(TimeProvider time)
{
    /// <summary>What a claim takes at most on its own, and for each job, when there is nothing to walk over.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(10), SlowPerJob = TimeSpan.FromMicroseconds(100);

    /// <summary>Enqueuers have this long from taking their place to their commit.</summary>
    private static readonly TimeSpan Trail = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan MarkInterval = TimeSpan.FromMilliseconds(100), LookInterval = TimeSpan.FromSeconds(1);
    private const int CostShare = 20;

    private readonly Dictionary<string, Marks> _marks = new(StringComparer.Ordinal);
    private bool _slow, _lost;
    private long _markedAt, _lookedAt;
    private TimeSpan _lookTook;
    private bool _looking = true;

    /// <summary>Whether claims are slow.</summary>
    public bool IsSlow => _slow;

    /// <summary>Whether the next claim should also ask where the queues begin now.</summary>
    public bool WantsMarks => _slow && time.GetElapsedTime(_markedAt) >= MarkInterval;

    /// <summary>Before a claim: whether it looks from the beginning.</summary>
    public void Begin()
    {
        var pause = _lookTook * CostShare;
        _looking = !_slow || time.GetElapsedTime(_lookedAt) >= (pause > LookInterval ? pause : LookInterval);
    }

    /// <summary>The first seq a claim looks at.</summary>
    public long Since(string queue)
    {
        if (_looking || !_marks.TryGetValue(queue, out var marks))
            return 0;
        while (marks.Ahead.TryPeek(out var next) && time.GetElapsedTime(next.At) >= Trail)
            marks.Since = marks.Ahead.Dequeue().Seq;
        return marks.Since;
    }

    /// <summary>Where to begin to look for the queue's first job; null for near its end, as from the beginning it takes too long.</summary>
    public long? Last(string queue) => _marks.TryGetValue(queue, out var marks) ? marks.Last : _lost ? null : 0;

    /// <summary>The queue's first job; null when it has none.</summary>
    public void Mark(string queue, long? first)
    {
        _markedAt = time.GetTimestamp();
        if (first is not { } seq)
            return;
        if (!_marks.TryGetValue(queue, out var marks))
            _marks.Add(queue, marks = new Marks());
        marks.Last = seq;
        marks.Ahead.Enqueue((_markedAt, seq));
    }

    /// <summary>A job was claimed: if from before the mark, there may be more of them, and the mark goes back.</summary>
    public void Claimed(string queue, long seq)
    {
        if (_marks.TryGetValue(queue, out var marks) && seq < marks.Since)
            _marks.Remove(queue);
    }

    /// <summary>After a claim.</summary>
    public void Took(TimeSpan elapsed, int jobs)
    {
        var slow = elapsed > Slow + (SlowPerJob * jobs);
        if (!_looking || (!slow && !_slow))
            return;
        (_slow, _lost, _lookedAt, _lookTook) = (slow, false, time.GetTimestamp(), elapsed);
        if (!slow)
            _marks.Clear();
    }

    /// <summary>After a claim that failed. If it had looked from the beginning, the next ones don't: it may have been that which took too long.</summary>
    public void Failed(TimeSpan elapsed)
    {
        if (_looking && elapsed > Slow)
            (_slow, _lost, _lookedAt, _lookTook) = (true, true, time.GetTimestamp(), elapsed);
    }

    private sealed class Marks
    {
        public long Since { get; set; }

        public long Last { get; set; }

        public Queue<(long At, long Seq)> Ahead { get; } = new();
    }
}
