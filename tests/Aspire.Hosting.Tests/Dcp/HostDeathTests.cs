using System.Diagnostics;
using System.Globalization;
using System.Net.NetworkInformation;
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

    [LinuxFact]
    public async Task Kill_of_the_host_keeps_its_port_until_all_of_it_is_gone()
    {
        var (host, pids) = await StartAsync(dashboard: true);
        await using var _ = host;
        await Eventually.TrueAsync(
            () => host.Output.Any(SignInLink().IsMatch), TestHost.Deadline, "The dashboard has not been announced.");
        var link = SignInLink().Match(host.Output.First(SignInLink().IsMatch));
        var port = int.Parse(link.Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.True(IsServed(port));

        await SignalAsync(host.Id, "-KILL");

        await Eventually.TrueAsync(() => !IsServed(port), TimeSpan.FromSeconds(15), "The killed host's port is taken.");
        Assert.All(pids, pid => Assert.False(ChildProcess.IsAlive(pid)));
    }

    private static bool IsServed(int port) =>
        IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(listener => listener.Port == port);

    /// <summary>The sample in a process of its own, all up, with its service's and its orchestrator's processes.</summary>
    private static async Task<(ChildProcess Host, List<int> Pids)> StartAsync(bool dashboard = false)
    {
        var path = typeof(Projects.SampleAppHost).Assembly.Location;
        var host = ChildProcess.StartDotnet(path,
            [
                $"--DisableDashboard={!dashboard}", "--DcpPublisher:RandomizePorts=true", "--ASPIRE_ALLOW_UNSECURED_TRANSPORT=true",
                "--ASPNETCORE_URLS=http://localhost:0", "--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://localhost:0",
            ]);
        await Eventually.TrueAsync(
            () => host.Output.Any(line => line.Contains("All resources are up.", StringComparison.Ordinal)), TestHost.Deadline,
            string.Join(Environment.NewLine, host.Output));

        var address = host.Output.Select(line => ServiceAddress().Match(line)).First(match => match.Success).Groups[1].Value;
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

    [GeneratedRegex(@"Login to the dashboard at http://localhost:(\d+)")]
    private static partial Regex SignInLink();

    [GeneratedRegex(@"service.*(http://localhost:\d+)")]
    private static partial Regex ServiceAddress();
}
