using System.Globalization;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Orchestration;

/// <summary>
/// The <c>dotnet run</c> that built this program and now only waits for it. For some five seconds more its runtime
/// optimizes the code of a build that is over, on a processor the services need to start: it gets what they leave over.
/// </summary>
/// <remarks>Linux only; elsewhere, and wherever it isn't allowed, nothing changes.</remarks>
internal static partial class RunCommand
{
    private const int Thread = 0;
    private const int Lowest = 19;

    public static void StepBack()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            var parent = ParentOf("self");
            if (!IsRunCommand(File.ReadAllText($"/proc/{parent}/cmdline").Split('\0')))
                return;
            foreach (var thread in Directory.EnumerateDirectories($"/proc/{parent}/task"))
                _ = SetPriority(Thread, int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), Lowest);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is none of ours.
        }
    }

    /// <summary>Whether a command line is that of <c>dotnet run</c>, its program's path and all.</summary>
    internal static bool IsRunCommand(string[] commandLine) =>
        commandLine is [var program, "run", ..] && Path.GetFileName(program) == "dotnet";

    /// <summary>The fourth field, counted after the name, which may hold anything.</summary>
    private static string ParentOf(string process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1];
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, int who, int priority);
}
