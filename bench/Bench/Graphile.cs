using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace Platform.Bench;

/// <summary>graphile-worker, in Node, installed by npm into a folder outside the repository.</summary>
internal sealed class Graphile
{
    private static readonly string Folder = Path.Combine(Path.GetTempPath(), "platform-bench-rivals");
    private readonly string _url;

    private Graphile(string url) => _url = url;

    public static async Task<Graphile> CreateAsync(string connectionString)
    {
        Directory.CreateDirectory(Folder);
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "rivals")))
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)), overwrite: true);
        if (!Directory.Exists(Path.Combine(Folder, "node_modules", "graphile-worker")))
            await RunAsync("npm", ["install", "--no-audit", "--no-fund"]);
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        var graphile = new Graphile(
            $"postgres://{builder.Username}:{Uri.EscapeDataString(builder.Password ?? "")}@{builder.Host}:{builder.Port}/{builder.Database}");
        await graphile.RunAsync("migrate");
        return graphile;
    }

    /// <summary>Processor time of the last run, start-up of Node included.</summary>
    public TimeSpan Cpu { get; private set; }

    /// <returns>Jobs per second.</returns>
    public async Task<double> EnqueueAsync(int jobs) => Rate(jobs, await RunAsync("enqueue", Text(jobs)));

    /// <returns>Jobs per second, from the first start to the last stored completion.</returns>
    public async Task<double> DrainAsync(int jobs) => Rate(jobs, await RunAsync("drain", Text(jobs)));

    /// <returns>Milliseconds from enqueueing to start, ascending.</returns>
    public async Task<double[]> LatencyAsync(int jobs, int rate)
    {
        using var answer = JsonDocument.Parse(await RunAsync("latency", Text(jobs), Text(rate)));
        return [.. answer.RootElement.GetProperty("latencies").EnumerateArray().Select(l => l.GetDouble())];
    }

    private static double Rate(int jobs, string json)
    {
        using var answer = JsonDocument.Parse(json);
        return jobs / answer.RootElement.GetProperty("milliseconds").GetDouble() * 1000;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<string> RunAsync(params string[] arguments)
    {
        var node = Path.Combine(Folder, "node_modules", ".bin", "node");
        var output = await RunAsync(File.Exists(node) ? node : "node", ["graphile.mjs", _url, .. arguments]);
        using var answer = JsonDocument.Parse(output);
        Cpu = TimeSpan.FromMicroseconds(answer.RootElement.GetProperty("cpuMicroseconds").GetDouble());
        return output;
    }

    private static async Task<string> RunAsync(string command, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{command} {arguments[0]} ended with {process.ExitCode}: {await errors}");
    }
}
