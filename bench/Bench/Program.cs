using Platform.Bench;

if (args is [ChaosWorker.Command, var queue, var effects, var locks, var offset])
    return await ChaosWorker.RunAsync(queue, effects, locks, offset);
if (args is ["data", "privacy"])
{
    await PrivacyBench.RunAsync();
    return Report.AllMet ? 0 : 1;
}

if (args is not ["jobs", var what, ..])
{
    Console.Error.WriteLine("Usage: Bench jobs throughput|enqueue|latency|fairness|history|chaos|shutdown|soak [--jobs N] [--rounds N] [--rivals graphile,pgboss,bullmq] [--no-rivals] [--hold SECONDS] [--seconds N]");
    return 2;
}

var settings = BenchSettings.Parse(args[2..]);
await using var server = await BenchServer.StartAsync();
await (what switch
{
    "throughput" => ThroughputBench.RunAsync(server, settings),
    "enqueue" => EnqueueBench.RunAsync(server, settings),
    "latency" => LatencyBench.RunAsync(server, settings),
    "fairness" => FairnessBench.RunAsync(server, settings),
    "chaos" => ChaosBench.RunAsync(server, settings),
    "shutdown" => ShutdownBench.RunAsync(server, settings),
    "soak" => SoakBench.RunAsync(server, settings),
    "history" => HistoryBench.RunAsync(server, settings),
    _ => throw new ArgumentException($"There is no bench '{what}'."),
});
return Report.AllMet ? 0 : 1;
