using System.Runtime.InteropServices;

namespace Aspire.Hosting.Orchestration;

/// <summary>
/// Ctrl+C must end an application, however it was started. A shell script that starts a command in the background has it
/// ignore the interrupt signal, and .NET leaves an ignored signal ignored: undone here, before the host listens for it.
/// </summary>
internal static partial class Interrupt
{
    private const int Signal = 2;
    private const nint Default = 0;

    public static void Listen()
    {
        if (!OperatingSystem.IsWindows())
            _ = SetHandler(Signal, Default);
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint SetHandler(int signal, nint handler);
}
