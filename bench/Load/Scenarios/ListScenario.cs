using System.Globalization;
using System.Text.Json;
using Platform.Load.Generator;
using Platform.Load.Seeding;
using Platform.Load.Servers;

namespace Platform.Load.Scenarios;

/// <summary>The list of contacts, which no cache answers, at a steady 100 requests a second; its first page beside its deepest.</summary>
internal static class ListScenario
{
    private const int Rate = 100, Limit = 50;

    public static async Task RunAsync(BenchStack stack, LoadSettings settings)
    {
        var path = settings.Text("--path") ?? "/api/contacts";
        var api = await stack.StartApiAsync(settings.Api);
        var tokens = new List<string>();
        foreach (var rank in (int[])[1, 2, 3, 5, 10, 20, 50, 100])
            tokens.Add(await stack.LoginAsync(api, Seeder.EmailOf(rank), Seeder.UserPassword));
        var deepest = await DeepestAsync(stack, api, path, tokens[0]);

        var mixed = await MeasureAsync(settings, stack, api, 20, [.. tokens.Select(token => new PlannedRequest($"{path}?limit=20", token))]);
        Report.Result("page 1, tenants of many sizes", mixed);
        var largest = await MeasureAsync(settings, stack, api, 20, [new($"{path}?limit=20", tokens[0])]);
        Report.Result("page 1, the largest tenant", largest);
        List<LoadResult> first = [], last = [];
        for (var round = 0; round < 2; round++)
        {
            first.Add(await MeasureAsync(settings, stack, api, 6, [new($"{path}?limit={Limit}", tokens[0])]));
            last.Add(await MeasureAsync(settings, stack, api, 6, [new(deepest, tokens[0])]));
        }

        Report.Result($"page 1 of {Limit}, the largest tenant", first[^1]);
        Report.Result("its deepest cursor page", last[^1]);
        if (!first.Concat(last).Append(mixed).Append(largest).All(result => result.AllOk))
            Report.Missing("list", "not every answer was a success");
        Report.AtMost("P95, tenants of many sizes", mixed.P95, 20, "ms");
        Report.AtMost("P95, the largest tenant", largest.P95, 20, "ms");
        var ratio = Report.Median(last.Select(r => r.P50)) / Report.Median(first.Select(r => r.P50));
        Report.AtMost("deepest page and page 1, the slower over the faster (p50)", Math.Max(ratio, 1 / ratio), 2);
    }

    // The last page but one, by number, gives the cursor of the last.
    private static async Task<string> DeepestAsync(BenchStack stack, ChildServer api, string path, string token)
    {
        using var first = JsonDocument.Parse((await stack.GetAsync(api, $"{path}?limit={Limit}", token)).Body);
        var total = first.RootElement.GetProperty("pagination").GetProperty("total").GetInt64();
        var page = Math.Max(1, ((total + Limit - 1) / Limit) - 1);
        using var before = JsonDocument.Parse((await stack.GetAsync(
            api, string.Create(CultureInfo.InvariantCulture, $"{path}?limit={Limit}&page={page}"), token)).Body);
        var cursor = before.RootElement.GetProperty("pagination").GetProperty("nextCursor").GetString()!;
        Report.Line($"{total:N0} rows; the deepest page is number {page + 1:N0}");
        return $"{path}?limit={Limit}&cursor={Uri.EscapeDataString(cursor)}";
    }

    private static Task<LoadResult> MeasureAsync(
        LoadSettings settings, BenchStack stack, ChildServer api, double seconds, PlannedRequest[] requests) => LoadDriver.RunAsync(new LoadPlan
        {
            Targets = [api.Address],
            Requests = requests,
            Connections = settings.Connections,
            Rate = Rate,
            WarmUpSeconds = 3,
            Seconds = seconds,
            Processes = new() { ["api"] = api.ProcessId, ["postgres"] = stack.PostgresProcess },
        });
}
