using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Platform.Bench;

/// <summary>
/// Finds out when the machine itself is slow, as rented ones are whose cores others use too: the same little work is done every two
/// milliseconds, and takes more processor time then. Time a thread waits for a core isn't processor time, so our own load doesn't count. Linux only.
/// </summary>
internal sealed class MachineMeter : IDisposable
{
    private const int ThreadCpuClock = 3;
    private static readonly long Margin = Stopwatch.Frequency / 100;
    private readonly List<(long At, long Nanoseconds)> _samples = [];
    private readonly Thread? _thread;
    private volatile bool _stopped;

    public MachineMeter()
    {
        if (!OperatingSystem.IsLinux())
            return;
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>For a span of time, whether the machine was slow in it or in the 10 ms before it. Ends the measuring.</summary>
    public Func<long, long, bool> Stop()
    {
        Dispose();
        if (_samples.Count == 0)
            return (_, _) => false;
        var median = _samples.Select(s => s.Nanoseconds).Order().ElementAt(_samples.Count / 2);
        var slow = _samples.Where(s => s.Nanoseconds > 2 * median).Select(s => s.At).ToList();
        return (from, to) =>
        {
            var next = slow.BinarySearch(from - Margin);
            next = next < 0 ? ~next : next;
            return next < slow.Count && slow[next] <= to;
        };
    }

    public void Dispose()
    {
        _stopped = true;
        _thread?.Join();
    }

    private void Run()
    {
        while (!_stopped)
        {
            var start = ThreadTime();
            Work();
            _samples.Add((Stopwatch.GetTimestamp(), ThreadTime() - start));
            Thread.Sleep(2);
        }
    }

    // Some 30 microseconds.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static uint Work()
    {
        var state = 1u;
        for (var i = 0; i < 30_000; i++)
            state = (state * 1664525) + 1013904223;
        return state;
    }

    private static long ThreadTime() => clock_gettime(ThreadCpuClock, out var time) == 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : 0;

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int clock_gettime(int clock, out Timespec time);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
