using System.Diagnostics;

namespace Platform.EndToEnd.Tests;

/// <summary>What the tests do to, and ask of, other processes.</summary>
internal static class Processes
{
    /// <summary>Ends a process as kill -9 does: it gets no chance to say goodbye.</summary>
    public static void Kill(int id)
    {
        using var process = Process.GetProcessById(id);
        process.Kill();
    }

    /// <summary>Memory in RAM, in bytes.</summary>
    public static long ResidentBytes(int id)
    {
        using var process = Process.GetProcessById(id);
        return process.WorkingSet64;
    }
}
