using System.Diagnostics;

namespace Platform.Bench;

/// <summary>When the jobs of one run were enqueued and started, and when the machine was slow.</summary>
internal sealed class LatencyRun(int jobs, int rate, int warmUp) : IDisposable
{
    private readonly long[] _enqueued = new long[jobs + warmUp], _started = new long[jobs + warmUp];
    private readonly MachineMeter _meter = new();

    public int Count => _started.Length;

    /// <summary>Enqueues at fixed times, whether or not what was enqueued before has started.</summary>
    public async Task EnqueueAsync(Func<int, Task> enqueue)
    {
        var pending = new List<Task>(Count);
        var start = Stopwatch.GetTimestamp();
        for (var n = 0; n < Count; n++)
        {
            var wait = TimeSpan.FromSeconds((double)n / rate) - Stopwatch.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait);
            _enqueued[n] = Stopwatch.GetTimestamp();
            pending.Add(enqueue(n));
        }

        await Task.WhenAll(pending);
    }

    public void Started(long number) => _started[number] = Stopwatch.GetTimestamp();

    /// <summary>Shows the latencies of all jobs, and of those during which the machine kept its speed.</summary>
    /// <returns>Both in milliseconds, ascending.</returns>
    public (double[] All, double[] Undisturbed) Show(string title)
    {
        var isSlow = _meter.Stop();
        var all = Latencies(_ => true);
        Report.Latencies(title, all);
        var undisturbed = Latencies(n => !isSlow(_enqueued[n], _started[n]));
        Report.Latencies(FormattableString.Invariant($"  the {undisturbed.Length:N0} while the machine kept its speed"), undisturbed);
        return (all, undisturbed);

        double[] Latencies(Func<int, bool> counts) =>
            [.. Enumerable.Range(warmUp, jobs).Where(counts).Select(n => Stopwatch.GetElapsedTime(_enqueued[n], _started[n]).TotalMilliseconds).Order()];
    }

    public void Dispose() => _meter.Dispose();
}
