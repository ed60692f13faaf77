using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Platform.Load.Generator;

/// <summary>Waits for a moment more exactly than a sleep of whole milliseconds, without burning the time.</summary>
internal static class Clock
{
    /// <summary>As <see cref="SleepUntil(long)"/>, but awake for the last part: what sleeps is woken 0.1 ms late, by a processor that slept too.</summary>
    /// <param name="timestamp">Of <see cref="Stopwatch"/>; one that has passed returns at once.</param>
    /// <param name="awake">The last part, in ticks of <see cref="Stopwatch"/>.</param>
    public static void SleepUntil(long timestamp, long awake)
    {
        SleepUntil(timestamp - awake);
        while (Stopwatch.GetTimestamp() < timestamp)
            Thread.SpinWait(10);
    }

    /// <param name="timestamp">Of <see cref="Stopwatch"/>; one that has passed returns at once.</param>
    public static void SleepUntil(long timestamp)
    {
        while (timestamp - Stopwatch.GetTimestamp() is var left and > 0)
        {
            var nanoseconds = (long)(left * (1e9 / Stopwatch.Frequency));
            if (OperatingSystem.IsLinux())
            {
                var time = new TimeSpec { Seconds = (nint)(nanoseconds / 1_000_000_000), Nanoseconds = (nint)(nanoseconds % 1_000_000_000) };
                _ = NanoSleep(ref time, 0);
            }
            else if (nanoseconds > 2_000_000)
                Thread.Sleep(TimeSpan.FromMilliseconds((nanoseconds / 1_000_000) - 1));
            else
                Thread.Yield();
        }
    }

    [DllImport("libc", EntryPoint = "nanosleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NanoSleep(ref TimeSpec time, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
