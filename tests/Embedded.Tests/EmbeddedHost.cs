using Platform.Testing;

namespace Platform.Embedded.Tests;

/// <summary>Starts Program.cs of this assembly as a process of its own.</summary>
internal static class EmbeddedHost
{
    /// <summary>Starts it with environment variables set on top of this process's.</summary>
    public static ChildProcess Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
        => ChildProcess.StartDotnet(typeof(EmbeddedHost).Assembly.Location, arguments, environment: environment);

    /// <summary>Waits until its server is ready and returns what it says about it.</summary>
    public static async Task<(int ProcessId, string Folder, string ConnectionString)> ReadyAsync(ChildProcess host)
    {
        var words = (await host.WaitForOutputAsync("ready ", TimeSpan.FromSeconds(60))).Split(' ', 4);
        return (int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture), words[2], words[3]);
    }

    /// <summary>Waits for its end and returns all it wrote.</summary>
    public static async Task<(int ExitCode, string Output)> EndAsync(ChildProcess host)
    {
        var exitCode = await host.WaitForExitAsync(TimeSpan.FromSeconds(60));
        return (exitCode, string.Join('\n', host.Output));
    }
}
