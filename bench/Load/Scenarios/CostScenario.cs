using Platform.Load.Generator;
using Platform.Load.Seeding;
using Platform.Load.Servers;

namespace Platform.Load.Scenarios;

/// <summary>What each part of a cached request costs: the Api with one part after another switched off, in processor time.</summary>
internal static class CostScenario
{
    private static readonly KeyValuePair<string, string> NoAccessLog = new("Logging__LogLevel__Platform.AccessLog", "Warning");
    private static readonly KeyValuePair<string, string> NoSpans = new("OTEL_TRACES_SAMPLER", "always_off");
    private static readonly KeyValuePair<string, string> FewSpans = new("OTEL_TRACES_SAMPLER", "parentbased_traceidratio");
    private static readonly KeyValuePair<string, string> FewOfThem = new("OTEL_TRACES_SAMPLER_ARG", "0.01");
    private static readonly KeyValuePair<string, string> NoLimit = new("RateLimit__Enabled", "false");

    private static readonly (string Name, bool Otlp, KeyValuePair<string, string>[] Settings)[] Variants =
    [
        ("as deployed, everything exported", true, []),
        ("nothing exported", false, []),
        ("no access log", true, [NoAccessLog]),
        ("1 % of the traces", true, [FewSpans, FewOfThem]),
        ("no limit", true, [NoLimit]),
        ("1 % of the traces, no access log", true, [FewSpans, FewOfThem, NoAccessLog]),
        ("no export, spans, access log or limit", false, [NoSpans, NoAccessLog, NoLimit]),
    ];

    public static async Task RunAsync(BenchStack stack, LoadSettings settings)
    {
        var path = settings.Text("--path") ?? CachedScenario.DefaultPath;
        var otlp = await stack.StartOtlpSinkAsync();
        List<double>[] costs = [.. Variants.Select(_ => new List<double>())];
        for (var round = 0; round < settings.Rounds; round++)
        {
            for (var i = 0; i < Variants.Length; i++)
            {
                var api = await stack.StartApiAsync(
                    new Dictionary<string, string>(settings.Api.Concat(Variants[i].Settings)), Variants[i].Otlp ? otlp : null);
                var token = await stack.LoginAsync(api, Seeder.EmailOf(settings.Number("--tenant", 100)), Seeder.UserPassword);
                var result = await LoadDriver.RunAsync(new LoadPlan
                {
                    Targets = [api.Address],
                    Requests = [new(path, token)],
                    Connections = settings.Connections,
                    WarmUpSeconds = settings.Number("--warm-up", 10),
                    WarmUpRequests = 300_000,
                    Seconds = settings.Number("--seconds", 5),
                    Processes = new() { ["api"] = api.ProcessId, ["garnet"] = stack.Garnet.ProcessId },
                });
                await stack.StopAsync(api);
                Report.Result(Variants[i].Name, result);
                costs[i].Add(result.Cpu.Sum(cpu => cpu.Value) * 1e6 / Math.Max(1, result.Requests));
            }
        }

        var all = Report.Median(costs[0]);
        for (var i = 0; i < Variants.Length; i++)
            Report.Line($"{Variants[i].Name,-40} {Report.Median(costs[i]),8:0.0} µs of Api and Garnet a request, {all - Report.Median(costs[i]),6:0.0} saved");
    }
}
