using Platform.Load.Generator;
using Platform.Load.Seeding;
using Platform.Load.Servers;

namespace Platform.Load.Scenarios;

/// <summary>
/// Two tenants at full load for a minute, taking turns on the same connections: every address in every answer must be of the
/// tenant that asked. The seeded rows all have one.
/// </summary>
internal static class IsolationScenario
{
    private static readonly string[] Paths =
    [
        "/api/contacts?limit=50", "/api/contacts?limit=50&page=2", "/api/contacts?search=avery", "/api/conversations", "/api/conversations?page=2",
        "/api/professionals", "/api/events", "/api/session/teams", "/api/session/agents", "/api/notifications", "/api/user/profile", "/api/auth/me",
    ];

    public static async Task RunAsync(BenchStack stack, LoadSettings settings)
    {
        var first = await stack.StartApiAsync(settings.Api);
        var second = await stack.StartApiAsync(settings.Api);
        var requests = new List<PlannedRequest>();
        foreach (var rank in (int[])[70, 71])
        {
            var token = await stack.LoginAsync(first, Seeder.EmailOf(rank), Seeder.UserPassword);
            foreach (var path in Paths)
            {
                var (status, body, _) = await stack.GetAsync(first, path, token);
                if (status == 200 && body.Contains(Seeder.MarkerPrefix, StringComparison.Ordinal))
                    requests.Add(new PlannedRequest(path, token, Marker: Seeder.MarkerOf(rank)));
                else
                    Report.Line($"left out: {path} answers {status}{(status == 200 ? " without any address" : "")}");
            }
        }

        var result = await LoadDriver.RunAsync(new LoadPlan
        {
            Targets = [first.Address, second.Address],
            Requests = [.. requests],
            Connections = settings.Connections,
            WarmUpSeconds = 2,
            Seconds = settings.Number("--seconds", 60),
            MarkerPrefix = Seeder.MarkerPrefix,
            Processes = new() { ["api"] = first.ProcessId, ["api 2"] = second.ProcessId, ["postgres"] = stack.PostgresProcess },
        });
        Report.Result($"{requests.Count} reads of two tenants", result);
        Report.Line($"{result.Markers:N0} addresses looked at");
        Report.Exactly("addresses of another tenant", result.ForeignMarkers, 0);
        if (!result.AllOk || result.Markers == 0)
            Report.Missing("isolation", "not every answer was a success");
    }
}
