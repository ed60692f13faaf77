using Platform.Load.Generator;
using Platform.Load.Seeding;
using Platform.Load.Servers;

namespace Platform.Load.Scenarios;

/// <summary>One tenant's limit over three replicas, exactly; and another tenant beside one that floods.</summary>
internal static class LimitsScenario
{
    private const int Limit = 300, QuietRate = 50;
    private const int Flooding = 100, Quiet = 10; // ranks: plan pro, plan enterprise

    public static async Task RunAsync(BenchStack stack, LoadSettings settings)
    {
        var path = settings.Text("--path") ?? "/api/contacts?limit=20";
        var api = new Dictionary<string, string>(settings.Api) { ["RATE_LIMIT_PRO"] = "300" };
        List<ChildServer> replicas = [];
        for (var i = 0; i < 3; i++)
            replicas.Add(await stack.StartApiAsync(api));
        var flooding = await stack.LoginAsync(replicas[0], Seeder.EmailOf(Flooding), Seeder.UserPassword);
        var quiet = await stack.LoginAsync(replicas[0], Seeder.EmailOf(Quiet), Seeder.UserPassword);

        string[] targets = [.. replicas.Select(replica => replica.Address)];
        // With warm replicas: how exact the count can be depends on how long an answer takes.
        await LoadDriver.RunAsync(new LoadPlan { Targets = targets, Requests = [new(path, quiet)], Connections = 6, Rate = 100, WarmUpSeconds = 0, Seconds = 8 });

        // A bucket that nobody touched holds a minute's requests; then one comes every 60/300 s, whatever the clock's minute.
        var exact = await LoadDriver.RunAsync(new LoadPlan
        {
            Targets = targets,
            Requests = [new(path, flooding)],
            Connections = 24,
            Rate = 200,
            WarmUpSeconds = 0,
            Seconds = 20,
        });
        Report.Result("one tenant, three replicas", exact);
        var expected = Limit + (Limit / 60.0 * exact.Seconds);
        Report.Line($"let through {exact.Ok:N0}; {Limit} at once and {Limit / 60.0:0.#} a second make {expected:0}");
        // Its end is known no better than the slowest answer.
        Report.AtMost("requests too many or too few", Math.Abs(exact.Ok - expected), 1 + Math.Ceiling(Limit / 60.0 * exact.Max / 1000));
        Report.Exactly("answers that are neither 200 nor 429", exact.Requests - exact.Ok - exact.Statuses.GetValueOrDefault(429), 0);

        List<LoadResult> alone = [], beside = [];
        foreach (var replica in replicas[1..])
            await stack.StopAsync(replica);
        for (var round = 0; round < settings.Rounds; round++)
        {
            alone.Add(await QuietAsync(replicas[0], path, quiet));
            var flood = LoadDriver.RunAsync(new LoadPlan
            {
                Targets = [replicas[0].Address],
                Requests = [new(path, flooding)],
                Connections = 64,
                Rate = settings.Number("--flood", 1000),
                WarmUpSeconds = 0,
                Seconds = 10,
            });
            beside.Add(await QuietAsync(replicas[0], path, quiet));
            Report.Result("the flood", await flood);
        }

        Report.Result("the quiet tenant alone", alone[^1]);
        Report.Result("the quiet tenant beside the flood", beside[^1]);
        Report.Exactly("the quiet tenant's requests refused", alone.Concat(beside).Sum(r => r.Requests - r.Ok + r.Broken + r.Unfinished), 0);
        Report.AtMost("its P95 beside the flood / alone", Report.Median(beside.Select(r => r.P95)) / Report.Median(alone.Select(r => r.P95)), 1.2);
    }

    private static Task<LoadResult> QuietAsync(ChildServer api, string path, string token) => LoadDriver.RunAsync(new LoadPlan
    {
        Targets = [api.Address],
        Requests = [new(path, token)],
        Connections = 16,
        Rate = QuietRate,
        WarmUpSeconds = 2,
        Seconds = 6,
    });
}
