using System.Runtime.InteropServices;

namespace Platform.Worker.Images;

/// <summary>What this process may use of the machine from here on, whatever a picture makes its decoder do.</summary>
internal static partial class ProcessLimits
{
    private const ulong ProcessorSeconds = 30, DataBytes = 1UL << 30;

    /// <summary>On Linux; elsewhere only the time that whoever started it waits is limited.</summary>
    public static void Apply()
    {
        if (!OperatingSystem.IsLinux())
            return;
        // Numbers of asm-generic/resource.h, which x64 and arm64 use.
        foreach (var (resource, most) in (ReadOnlySpan<(int, ulong)>)[(0, ProcessorSeconds), (2, DataBytes), (4, 0)])
        {
            var limit = new Limit { Soft = most, Hard = most };
            _ = Set(resource, ref limit);
        }
    }

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int Set(int resource, ref Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
