using System.Collections.Concurrent;

namespace Platform.ServiceDefaults.Tests;

/// <summary>A clock whose timers end when the test says so.</summary>
internal sealed class ManualTimers : TimeProvider
{
    private readonly ConcurrentQueue<Action> _timers = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _timers.Enqueue(() => callback(state));
        return new Timer();
    }

    public void Fire()
    {
        while (_timers.TryDequeue(out var timer))
            timer();
    }

    private sealed class Timer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
