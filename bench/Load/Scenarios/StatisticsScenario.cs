using System.Text.Json;
using Platform.Load.Generator;
using Platform.Load.Seeding;
using Platform.Load.Servers;

namespace Platform.Load.Scenarios;

/// <summary>What the Api says of its own speed beside what its clients saw, over the same requests.</summary>
internal static class StatisticsScenario
{
    public static async Task RunAsync(BenchStack stack, LoadSettings settings)
    {
        // The way there and back, which no server can see, takes a millisecond here: a tenth of a fast answer, a hundredth of this one.
        var path = settings.Text("--path") ?? "/api/contacts?search=zq&limit=50";
        var api = await stack.StartApiAsync(settings.Api);
        var token = await stack.LoginAsync(api, Seeder.EmailOf(settings.Number("--tenant", 1)), Seeder.UserPassword);
        // Over another route, for whatever is sent over this one counts: while the compiler is at work, requests wait for a processor
        // where nothing measures them, in the server's queue of work and in the clients' own.
        var warming = settings.Number("--warm-up", 10);
        if (warming > 0)
        {
            await LoadDriver.RunAsync(new LoadPlan
            {
                Targets = [api.Address],
                Requests = [new("/api/conversations?limit=50", token)],
                Connections = settings.Number("--connections", 2),
                WarmUpSeconds = 0,
                Seconds = warming,
            });
        }
        var client = await LoadDriver.RunAsync(new LoadPlan
        {
            Targets = [api.Address],
            Requests = [new(path, token)],
            Rate = settings.Number("--rate", 5),
            Connections = settings.Number("--connections", 8),
            WarmUpSeconds = 0,
            Seconds = settings.Number("--seconds", 45),
        });
        Report.Result("the clients'", client);
        // Figures are flushed each second.
        await Task.Delay(2500);
        var (status, body, _) = await stack.GetAsync(api, "/api/admin/performance-metrics?window=60", token);
        if (status != 200)
        {
            Report.Missing("statistics", $"/api/admin/performance-metrics answers {status}");
            return;
        }

        using var json = JsonDocument.Parse(body);
        var route = new Uri(api.Address + path).AbsolutePath;
        var figures = json.RootElement.GetProperty("routes").EnumerateArray()
            .FirstOrDefault(entry => entry.EnumerateObject().Any(p => p.Value.ValueKind == JsonValueKind.String && p.Value.GetString()!.TrimEnd('/').EndsWith(route, StringComparison.Ordinal)));
        if (figures.ValueKind != JsonValueKind.Object)
        {
            Report.Missing("statistics", $"no route {route} in {body}");
            return;
        }

        if (figures.TryGetProperty("latency", out var inner))
            figures = inner;
        var (p95, requests) = (figures.GetProperty("p95").GetDouble(), figures.GetProperty("requests").GetInt64());
        Report.Line($"the Api's own: {requests:N0} requests, p95 {p95:0.00} ms");
        Report.Exactly("requests counted, less those sent", requests - client.Requests, 0);
        Report.Line($"P95, difference {client.P95 - p95:0.00} ms");
        Report.AtMost("P95, difference in %", Math.Abs((p95 / client.P95) - 1) * 100, 3);
    }
}
