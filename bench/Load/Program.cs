using Platform.Load;
using Platform.Load.Generator;
using Platform.Load.Scenarios;
using Platform.Load.Seeding;
using Platform.Load.Servers;

switch (args)
{
    case [LoadDriver.Command]:
        return LoadDriver.Drive();
    case [BareServer.Command, var port, var body]:
        return await BareServer.ServeAsync(port, body);
    case [OtlpSink.Command, var port]:
        return await OtlpSink.ServeAsync(port);
    case ["get", var url, ..]:
        return await GetScenario.RunAsync(new Uri(url), new LoadSettings(args));
}

var scenarios = new Dictionary<string, Func<BenchStack, LoadSettings, Task>>
{
    ["seed"] = (_, _) => Task.CompletedTask,
    ["cached"] = CachedScenario.RunAsync,
    ["cost"] = CostScenario.RunAsync,
    ["list"] = ListScenario.RunAsync,
    ["cache-hit-rate"] = CacheHitRateScenario.RunAsync,
    ["redis-down"] = RedisDownScenario.RunAsync,
    ["limits"] = LimitsScenario.RunAsync,
    ["isolation"] = IsolationScenario.RunAsync,
    ["statistics"] = StatisticsScenario.RunAsync,
};
if (args is not [var name, ..] || !scenarios.TryGetValue(name, out var scenario))
{
    Console.Error.WriteLine($"Usage: Load {string.Join('|', scenarios.Keys)} [options], or Load get URL [options]; see bench/README.md.");
    return 2;
}

var settings = new LoadSettings(args);
await using var stack = await BenchStack.StartAsync(settings.Database, settings.Flag("--fresh"));
await new Seeder(stack.AdminConnectionString, settings.Seed, settings.Tenants, settings.Rows).RunAsync();
await scenario(stack, settings);
return Report.ExitCode;
