using System.Globalization;
using Platform.Load.Generator;
using Platform.Load.Seeding;
using Platform.Load.Servers;

namespace Platform.Load.Scenarios;

/// <summary>A cached GET of the Api beside the same in Express and beside bare Kestrel, in turns; all answer the same bytes.</summary>
internal static class CachedScenario
{
    public const string DefaultPath = "/api/events?limit=5";

    public static async Task RunAsync(BenchStack stack, LoadSettings settings)
    {
        var path = settings.Text("--path") ?? DefaultPath;
        var otlp = settings.Flag("--no-otlp") ? null : await stack.StartOtlpSinkAsync();
        var api = await stack.StartApiAsync(settings.Api, otlp);
        var token = await stack.LoginAsync(api, Seeder.EmailOf(settings.Number("--tenant", 100)), Seeder.UserPassword);
        var (status, body, _) = await stack.GetAsync(api, path, token);
        if (status != 200)
        {
            Report.Missing($"cached GET {path}", $"it answers {status}");
            return;
        }

        var hit = (await stack.GetAsync(api, path, token)).CacheHit;
        Report.Line($"GET {path}: {body.Length:N0} characters, {(hit is true ? "from cache" : "NOT FROM CACHE")}, {settings.Connections} connections, {settings.Rounds} rounds");
        var bodyFile = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"platform-load-body-{Environment.ProcessId}.json"));
        await File.WriteAllTextAsync(bodyFile, body);
        List<LoadResult> ours = [], express = [], bare = [];
        for (var round = 0; round < settings.Rounds; round++)
        {
            ours.Add(await MeasureAsync(settings, api, path, token, new() { ["api"] = api.ProcessId, ["garnet"] = stack.Garnet.ProcessId, ["postgres"] = stack.PostgresProcess }));
            Report.Result("api", ours[^1]);
            if (!settings.Rivals)
                continue;
            // Started for the round only: an idle rival still costs.
            var (rival, rivalToken) = await ExpressRival.StartAsync(stack.Garnet, bodyFile, settings.Number("--express-workers", 1));
            await using (rival)
                express.Add(await MeasureAsync(settings, rival, "/", rivalToken, new() { ["express"] = rival.ProcessId, ["garnet"] = stack.Garnet.ProcessId }));
            Report.Result("express", express[^1]);
            await using var kestrel = await ChildServer.StartAsync(
                "bare", port => LoadDriver.Self(BareServer.Command, port.ToString(CultureInfo.InvariantCulture), bodyFile), "/");
            bare.Add(await MeasureAsync(settings, kestrel, "/", token: null, new() { ["bare"] = kestrel.ProcessId }));
            Report.Result("bare Kestrel", bare[^1]);
        }

        File.Delete(bodyFile);
        if (!ours.Concat(express).Concat(bare).All(result => result.AllOk))
            Report.Missing("cached GET", "not every answer was a success");
        if (hit is not true)
            Report.Missing("cached GET", "the answer isn't marked as coming from the cache");
        if (!settings.Rivals)
            return;
        Report.Line($"processor time a request, servers only: api {Cost(ours):0.0} µs, express {Cost(express):0.0} µs, bare Kestrel {Cost(bare):0.0} µs: {Cost(express) / Cost(ours):0.00} and {Cost(bare) / Cost(ours):0.00} times the api's");
        Report.AtLeast("api / express, requests a second", Rate(ours) / Rate(express), 4.5);
        Report.AtLeast("api / bare Kestrel, requests a second", Rate(ours) / Rate(bare), 0.5);
        Report.AtMost("api's p99 beside express's p50", Report.Median(ours.Select(r => r.P99)), Report.Median(express.Select(r => r.P50)), "ms");
    }

    private static double Rate(List<LoadResult> results) => Report.Median(results.Select(result => result.PerSecond));

    // Microseconds. Steadier than rates on a machine that others use too.
    private static double Cost(List<LoadResult> results) =>
        Report.Median(results.Select(result => result.Cpu.Sum(cpu => cpu.Value) * 1e6 / Math.Max(1, result.Requests)));

    private static Task<LoadResult> MeasureAsync(
        LoadSettings settings, ChildServer server, string path, string? token, Dictionary<string, int> processes) => LoadDriver.RunAsync(new LoadPlan
        {
            Targets = [server.Address],
            Requests = [new(path, token)],
            Connections = settings.Connections,
            WarmUpSeconds = settings.Number("--warm-up", 10),
            WarmUpRequests = 400_000,
            Seconds = settings.Number("--seconds", 5),
            Processes = processes,
        });
}
