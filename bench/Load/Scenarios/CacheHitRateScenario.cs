using Platform.Load.Generator;
using Platform.Load.Seeding;
using Platform.Load.Servers;

namespace Platform.Load.Scenarios;

/// <summary>How much of a day's reads the cache answers: tenants as active as they are large, pages as people look at them.</summary>
internal static class CacheHitRateScenario
{
    private static readonly int[] Ranks = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 70, 100, 150, 200, 300, 400, 600, 800, 1000];

    /// <summary>What people look at, and how often.</summary>
    public static readonly (string Path, double Weight)[] Reads =
    [
        ("/api/notifications", 8), ("/api/conversations/status", 6), ("/api/user/profile", 5), ("/api/events", 4), ("/api/events?page=2", 1),
        ("/api/session/agents", 2), ("/api/session/teams", 2), ("/api/session/roles", 2), ("/api/professionals", 2), ("/api/reports", 2),
        ("/api/user/subscription", 2), ("/api/admin/billing/settings", 0.5), ("/api/admin/billing/analytics", 0.5),
    ];

    public static async Task RunAsync(BenchStack stack, LoadSettings settings)
    {
        var api = await stack.StartApiAsync(settings.Api);
        var tenants = new List<(int Rank, string Token)>();
        foreach (var rank in Ranks.Where(rank => rank <= settings.Tenants))
            tenants.Add((rank, await stack.LoginAsync(api, Seeder.EmailOf(rank), Seeder.UserPassword)));
        var reads = new List<(string Path, double Weight)>();
        foreach (var read in Reads)
        {
            var (status, _, hit) = await stack.GetAsync(api, read.Path, tenants[0].Token);
            if (status == 200 && hit is not null)
                reads.Add(read);
            else
                Report.Line($"left out: {read.Path} answers {status}{(hit is null ? " without X-Cache-Hit" : "")}");
        }

        if (reads.Count == 0)
        {
            Report.Missing("hit rate", "no read says whether it came from the cache");
            return;
        }

        var result = await LoadDriver.RunAsync(new LoadPlan
        {
            Targets = [api.Address],
            Requests = [.. tenants.SelectMany(tenant => reads.Select(read => new PlannedRequest(read.Path, tenant.Token, read.Weight / tenant.Rank)))],
            Connections = settings.Connections,
            Rate = settings.Number("--rate", 200),
            WarmUpSeconds = settings.Number("--warm-up", 10),
            Seconds = settings.Number("--seconds", 30),
            Seed = settings.Seed,
            Processes = new() { ["api"] = api.ProcessId, ["garnet"] = stack.Garnet.ProcessId, ["postgres"] = stack.PostgresProcess },
        });
        Report.Result($"{reads.Count} reads of {tenants.Count} tenants", result);
        Report.Line($"{result.CacheHits:N0} hits, {result.CacheMisses:N0} misses");
        Report.AtLeast("hit rate, %", 100.0 * result.CacheHits / Math.Max(1, result.CacheHits + result.CacheMisses), 80);
        if (!result.AllOk)
            Report.Missing("hit rate", "not every answer was a success");
    }
}
