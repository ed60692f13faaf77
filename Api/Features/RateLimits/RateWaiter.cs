using System.Threading.Tasks.Sources;

namespace Platform.Api.Features.RateLimits;

/// <summary>A request that waits for its decision; used again, so that waiting allocates nothing.</summary>
internal sealed class RateWaiter : IValueTaskSource<RateDecision>
{
    private const int Kept = 1024;

    private static readonly Stack<RateWaiter> Pool = new(Kept);

    // Else the thread that has the answer would run all these requests, one after the other.
    private ManualResetValueTaskSourceCore<RateDecision> _core = new() { RunContinuationsAsynchronously = true };

    public int Weight { get; private set; }

    public ValueTask<RateDecision> Task => new(this, _core.Version);

    public static RateWaiter Rent(int weight)
    {
        RateWaiter? waiter;
        lock (Pool)
            Pool.TryPop(out waiter);
        waiter ??= new RateWaiter();
        waiter.Weight = weight;
        return waiter;
    }

    public void Complete(RateDecision decision) => _core.SetResult(decision);

    RateDecision IValueTaskSource<RateDecision>.GetResult(short token)
    {
        var decision = _core.GetResult(token);
        _core.Reset();
        lock (Pool)
        {
            if (Pool.Count < Kept)
                Pool.Push(this);
        }
        return decision;
    }

    ValueTaskSourceStatus IValueTaskSource<RateDecision>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<RateDecision>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
