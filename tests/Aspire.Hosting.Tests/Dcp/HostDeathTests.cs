using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Platform.Testing;

namespace Aspire.Hosting.Tests.Dcp;

/// <summary>What remains when the AppHost's process ends, one way or another.</summary>
[Trait("Req", "A1")]
public sealed partial class HostDeathTests
{
    [Fact]
    public async Task Kill_of_the_host_leaves_nothing_behind()
    {
        var (host, pids) = await StartAsync();
        await using var _ = host;

        await SignalAsync(host.Id, "-KILL");

        await Eventually.TrueAsync(
            () => pids.All(pid => !ChildProcess.IsAlive(pid)), TimeSpan.FromSeconds(15), "Processes of the killed host are alive.");
    }

    [Fact]
    public async Task Ctrl_C_ends_everything()
    {
        var (host, pids) = await StartAsync();
        await using var _ = host;

        await SignalAsync(host.Id, "-INT");

        await Eventually.TrueAsync(() => host.HasExited, TimeSpan.FromSeconds(10), "The host has not ended.");
        Assert.Equal(0, host.ExitCode);
        await Eventually.TrueAsync(
            () => pids.All(pid => !ChildProcess.IsAlive(pid)), TimeSpan.FromSeconds(5), "Processes of the host are alive.");
    }

    /// <summary>The sample in a process of its own, all up, with its service's and its orchestrator's processes.</summary>
    private static async Task<(ChildProcess Host, List<int> Pids)> StartAsync()
    {
        var path = typeof(Projects.SampleAppHost).Assembly.Location;
        var host = ChildProcess.StartDotnet(path, ["--DisableDashboard=true", "--DcpPublisher:RandomizePorts=true"]);
        await Eventually.TrueAsync(
            () => host.Output.Any(line => line.Contains("All resources are up.", StringComparison.Ordinal)), TestHost.Deadline,
            string.Join(Environment.NewLine, host.Output));

        var address = host.Output.Select(line => Address().Match(line)).First(match => match.Success).Value;
        using var client = new HttpClient();
        var service = int.Parse(await client.GetStringAsync(new Uri(address + "/pid")), CultureInfo.InvariantCulture);
        return (host, [service, .. OrchestratorsOf(host.Id)]);
    }

    private static List<int> OrchestratorsOf(int host)
    {
        var found = Directory.GetDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), out var _))
            .Where(folder => CommandLine(folder).Contains($"\0--monitor\0{host}\0", StringComparison.Ordinal))
            .Select(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)).ToList();
        Assert.NotEmpty(found);
        return found;
    }

    private static string CommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static async Task SignalAsync(int pid, string signal)
    {
        using var kill = Process.Start("kill", [signal, pid.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    [GeneratedRegex(@"http://localhost:\d+")]
    private static partial Regex Address();
}
