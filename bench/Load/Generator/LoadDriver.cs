using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace Platform.Load.Generator;

/// <summary>
/// Runs a plan in a process of its own, so that what it costs is told apart, and so that it can handle its sockets' events on
/// one thread, which nothing else may block.
/// </summary>
internal static class LoadDriver
{
    public const string Command = "drive";

    public static async Task<LoadResult> RunAsync(LoadPlan plan)
    {
        plan.Check();
        var start = Self(Command);
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1";
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT"] = "1";
        // Compile once and well: a second compilation would fall into the measurement.
        start.Environment["DOTNET_TieredCompilation"] = "0";
        using var process = Process.Start(start)!;
        await JsonSerializer.SerializeAsync(process.StandardInput.BaseStream, plan);
        process.StandardInput.Close();
        var answer = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<LoadResult>(answer)!
            : throw new InvalidOperationException($"The load generator ended with {process.ExitCode}.");
    }

    /// <summary>The other side: reads the plan from standard input, writes the result to standard output.</summary>
    public static int Drive()
    {
        using var input = Console.OpenStandardInput();
        var plan = JsonSerializer.Deserialize<LoadPlan>(input)!;
        var result = new LoadRun(plan).Run();
        using var output = Console.OpenStandardOutput();
        JsonSerializer.Serialize(output, result);
        return 0;
    }

    /// <summary>This program again. Run as "dotnet Load.dll", the process is dotnet and needs to be told what to run.</summary>
    public static ProcessStartInfo Self(params string[] arguments) => new(Environment.ProcessPath!, [
        .. Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? [Assembly.GetExecutingAssembly().Location] : Array.Empty<string>(),
        .. arguments]);
}
