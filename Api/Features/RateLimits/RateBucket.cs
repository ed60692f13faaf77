using StackExchange.Redis;

namespace Platform.Api.Features.RateLimits;

/// <summary>
/// What one caller may do under one limit. Requests that come while Redis is being asked wait, and go together in the next
/// call: one call at a time for each bucket and process, however many requests. Each still gets a decision of its own.
/// </summary>
internal sealed class RateBucket(RateLimitStore store, RedisKey key, RateQuota quota, TimeProvider time)
{
    private readonly Lock _gate = new();
    private List<RateWaiter> _waiting = [];
    private List<RateWaiter> _asking = [];
    private bool _isAsking;
    private volatile Refusal? _refusal;
    private volatile RateLease? _lease;
    private long _askedAt = time.GetTimestamp();
    private volatile RateQuota _quota = quota;

    // Follows what Redis says, and decides when Redis is away: on this process's own clock, in its timestamps.
    private long _aheadUntil = time.GetTimestamp();
    private long _blockedUntil = time.GetTimestamp();
    private long _usedAt = time.GetTimestamp();
    private long _planReadAt = long.MinValue;

    public RateQuota Quota
    {
        get => _quota;
        set
        {
            if (_quota == value)
                return;
            _quota = value;
            _refusal = null;
        }
    }

    /// <summary>True for one caller in each period: the one that has to look up the tenant's plan again.</summary>
    public bool TryBeginPlanRead(TimeSpan period)
    {
        var (now, last) = (time.GetTimestamp(), Volatile.Read(ref _planReadAt));
        return (last == long.MinValue || time.GetElapsedTime(last, now) >= period)
            && Interlocked.CompareExchange(ref _planReadAt, now, last) == last;
    }

    /// <summary>Whether nothing would be lost by forgetting it.</summary>
    public bool IsIdle(TimeSpan atLeast)
    {
        var now = time.GetTimestamp();
        return time.GetElapsedTime(Volatile.Read(ref _usedAt), now) >= atLeast
            && Volatile.Read(ref _aheadUntil) <= now && Volatile.Read(ref _blockedUntil) <= now;
    }

    /// <summary>Takes without waiting, from what a busy bucket has fetched in advance; false when there is nothing of it.</summary>
    public bool TryTake(int weight, out RateDecision decision)
    {
        var now = time.GetTimestamp();
        if (weight != 1 || _lease is not { } lease || lease.Quota != _quota || !lease.TryTake(now))
        {
            decision = default;
            return false;
        }
        Volatile.Write(ref _usedAt, now);
        decision = new RateDecision(
            lease.Quota, true, lease.Remaining + lease.Left, Math.Max(0, lease.Ahead - Micros(now - lease.At)), RetryAfter: 0);
        return true;
    }

    /// <summary>Whether this process knows already that a request would be refused. Asks nobody, counts nothing.</summary>
    public bool IsRefused => _refusal is { } refusal && refusal.Covers(1, time.GetTimestamp()) && refusal.Quota == _quota;

    /// <param name="weight">Requests this one counts as; 0 only looks. More than the quota's burst counts as all of it.</param>
    public ValueTask<RateDecision> TakeAsync(int weight)
    {
        if (TryTake(weight, out var taken))
            return new ValueTask<RateDecision>(taken);
        var now = time.GetTimestamp();
        Volatile.Write(ref _usedAt, now);
        var quota = _quota;
        weight = Math.Min(weight, quota.Burst);
        // Whoever was refused until a certain time is refused until then by every replica: no need to ask.
        if (weight > 0 && _refusal is { } refusal && refusal.Covers(weight, now) && refusal.Quota == quota)
            return new ValueTask<RateDecision>(refusal.Decide(weight, Micros(now - refusal.At)));

        var waiter = RateWaiter.Rent(weight);
        var task = waiter.Task;
        bool mustAsk;
        lock (_gate)
        {
            _waiting.Add(waiter);
            mustAsk = !_isAsking;
            _isAsking = true;
        }
        if (mustAsk)
        {
            // The first call is part of this request's trace; those that follow are nobody's in particular.
            using (ExecutionContext.SuppressFlow())
                _ = AskAsync();
        }
        return task;
    }

    private async Task AskAsync()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    _isAsking = false;
                    return;
                }
                (_waiting, _asking) = (_asking, _waiting);
            }
            var quota = _quota;
            var sentAt = time.GetTimestamp();
            var more = MoreFor(quota, sentAt);
            var answer = await store.TakeAsync(key, quota, _asking, more);
            var now = time.GetTimestamp();
            var state = answer ?? new Gcra(
                Micros(Math.Max(0, _aheadUntil - now)), Micros(Math.Max(0, _blockedUntil - now)));
            Decide(ref state, quota, answer is null ? now : sentAt);
            if (answer is not null && more > 0)
            {
                var count = state.TakeUpTo(quota, more);
                _lease = new RateLease(quota, count, state.RemainingOf(quota), state.Ahead, sentAt, sentAt + Timestamp(RateLease.Micros));
            }
            Volatile.Write(ref _aheadUntil, now + Timestamp(state.Ahead));
            Volatile.Write(ref _blockedUntil, now + Timestamp(state.Blocked));
            _asking.Clear();
        }
    }

    /// <summary>
    /// How much to fetch in advance: half of what comes, at the pace since the last call, in a lease's time, and little beside
    /// what is left, for what isn't used in that time is lost. So nothing for a caller at a person's pace, or near its limit.
    /// </summary>
    private int MoreFor(RateQuota quota, long now)
    {
        var elapsed = Micros(now - _askedAt);
        _askedAt = now;
        // Who is blocked when refused once must have asked for what it is refused.
        if (quota.Block > 0 || elapsed <= 0 || _lease is { } lease && !lease.IsOver(now))
            return 0;
        var came = _asking.Count + (_lease?.Used ?? 0);
        var left = (quota.Capacity - Micros(Math.Max(0, _aheadUntil - now))) / quota.Interval;
        return (int)Math.Clamp(Math.Min(came * RateLease.Micros / elapsed / 2, left / RateLease.LeastLeft), 0, RateLease.Most);
    }

    private void Decide(ref Gcra state, RateQuota quota, long at)
    {
        foreach (var waiter in _asking)
        {
            var weight = waiter.Weight;
            var decision = state.Take(quota, weight);
            if (!decision.IsAllowed && (_refusal is not { } known || known.Quota != quota || !known.Covers(weight, at)))
                _refusal = new Refusal(quota, weight, at, at + Timestamp(decision.RetryAfter), state);
            waiter.Complete(decision);
        }
    }

    private long Micros(long timestamp) => (long)(timestamp * 1_000_000.0 / time.TimestampFrequency);

    private long Timestamp(long micros) => (long)(micros * (double)time.TimestampFrequency / 1_000_000);

    /// <param name="At">When Redis was asked; not when it answered, so that it is never asked too late.</param>
    private sealed record Refusal(RateQuota Quota, int Weight, long At, long Until, Gcra State)
    {
        public bool Covers(int weight, long now) => weight >= Weight && now < Until;

        public RateDecision Decide(int weight, long elapsed) =>
            new Gcra(Math.Max(0, State.Ahead - elapsed), State.Blocked > 0 ? Math.Max(1, State.Blocked - elapsed) : 0).Take(Quota, weight);
    }
}
