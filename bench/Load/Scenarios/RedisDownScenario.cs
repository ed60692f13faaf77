using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Platform.Load.Generator;
using Platform.Load.Seeding;
using Platform.Load.Servers;

namespace Platform.Load.Scenarios;

/// <summary>Garnet goes away while requests come at a steady rate, and comes back; killed, or with <c>--freeze</c> hung.</summary>
internal static class RedisDownScenario
{
    public static async Task RunAsync(BenchStack stack, LoadSettings settings)
    {
        var path = settings.Text("--path") ?? "/api/events";
        var freeze = settings.Flag("--freeze");
        var api = await stack.StartApiAsync(settings.Api);
        var token = await stack.LoginAsync(api, Seeder.EmailOf(settings.Number("--tenant", 100)), Seeder.UserPassword);
        var (status, _, _) = await stack.GetAsync(api, path, token);
        if (status != 200)
        {
            Report.Missing($"GET {path}", $"it answers {status}");
            return;
        }

        var before = await MeasureAsync(stack, api, settings, path, token, warmUp: 4);
        // It goes down a second into the measurement: what happens at that moment counts.
        var running = MeasureAsync(stack, api, settings, path, token, warmUp: 0);
        await Task.Delay(1000);
        if (freeze)
            await SignalAsync("STOP", stack.GarnetServerProcess());
        else
            await stack.StopGarnetAsync();
        var down = await running;
        if (freeze)
            await SignalAsync("CONT", stack.GarnetServerProcess());
        else
            await stack.RestartGarnetAsync();
        var clock = Stopwatch.StartNew();
        var hit = false;
        while (!hit && clock.Elapsed < TimeSpan.FromSeconds(30))
        {
            hit = await ReachesGarnetAsync(stack, api, path, token);
            await Task.Delay(100);
        }

        var back = clock.Elapsed;
        var after = await MeasureAsync(stack, api, settings, path, token, warmUp: 1);
        Report.Result("before", before);
        Report.Result(freeze ? "Garnet hangs" : "Garnet is away", down);
        Report.Result("Garnet is back", after);
        Report.Exactly("requests that failed meanwhile", down.Requests - down.Ok + down.Broken + down.Unfinished, 0);
        Report.AtMost("P95 without Garnet / before", down.P95 / before.P95, 2);
        Report.AtMost("P95 afterwards / before", after.P95 / before.P95, 2);
        if (hit)
            Report.Line($"the Api used Garnet again {back.TotalSeconds:0.0} s after it was back");
        else
            Report.Missing("recovery", "30 s after Garnet was back the Api hadn't written a key to it");
    }

    // The Api recovered when Garnet, empty after its restart, holds a key again.
    private static async Task<bool> ReachesGarnetAsync(BenchStack stack, ChildServer api, string path, string token)
    {
        await stack.GetAsync(api, path, token);
        try
        {
            await using var redis = await RedisProbe.ConnectAsync(stack.Garnet);
            return await redis.KeysAsync() > 0;
        }
        catch (Exception error) when (error is IOException or TimeoutException or SocketException)
        {
            return false;
        }
    }

    private static async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static Task<LoadResult> MeasureAsync(
        BenchStack stack, ChildServer api, LoadSettings settings, string path, string token, double warmUp) => LoadDriver.RunAsync(new LoadPlan
        {
            Targets = [api.Address],
            Requests = [new(path, token)],
            Connections = settings.Connections,
            Rate = settings.Number("--rate", 200),
            WarmUpSeconds = warmUp,
            Seconds = settings.Number("--seconds", 10),
            Processes = new() { ["api"] = api.ProcessId, ["postgres"] = stack.PostgresProcess },
        });
}
