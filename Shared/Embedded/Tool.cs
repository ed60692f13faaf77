using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Platform.Embedded;

/// <summary>Runs a command-line tool to its end.</summary>
internal static class Tool
{
    /// <summary>Result of a tool: exit code and what it wrote, both streams in one.</summary>
    public sealed record Result(int ExitCode, string Output)
    {
        /// <summary>The last lines, for an error message.</summary>
        public string Tail => string.Join('\n', Output.TrimEnd().Split('\n').TakeLast(12));
    }

    /// <summary>Full path of a command on <c>PATH</c>, or null.</summary>
    public static string? Find(string name)
    {
        string[] suffixes = OperatingSystem.IsWindows() ? [".exe", ".cmd", ""] : [""];
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => suffixes.Select(suffix => Path.Combine(folder, name + suffix)))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Runs the command; null if it can't be started at all. Killed with its children on time-out or cancellation.</summary>
    /// <exception cref="TimeoutException">It took longer than <paramref name="timeout"/>.</exception>
    public static async Task<Result?> RunAsync(
        IReadOnlyList<string> command, string workingDirectory, TimeSpan timeout, CancellationToken cancellationToken,
        string? input = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;

        using var process = new Process { StartInfo = start };
        var output = new StringBuilder();
        void Collect(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is null) return;
            lock (output) output.Append(line.Data).Append('\n');
        }
        process.OutputDataReceived += Collect;
        process.ErrorDataReceived += Collect;

        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            return null;
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            if (input is not null) await process.StandardInput.WriteAsync(input.AsMemory(), deadline.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (IOException)
        {
            // It ended without reading its input: its exit code and output say why.
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            if (cancellationToken.IsCancellationRequested) throw;
            throw new TimeoutException($"{Path.GetFileName(command[0])} didn't finish within {timeout.TotalSeconds:0} s.");
        }
        lock (output) return new Result(process.ExitCode, output.ToString());
    }
}
