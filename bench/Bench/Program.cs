using Platform.Bench;

if (args is [ChaosWorker.Command, var queue, var effects, var locks, var offset])
    return await ChaosWorker.RunAsync(queue, effects, locks, offset);
if (args is ["data", "privacy"])
    return await PrivacyBench.RunAsync();
if (args is not ["jobs", var what, ..])
{
    Console.Error.WriteLine("Usage: Bench jobs throughput|enqueue|latency|fairness|history|chaos|soak [--jobs N] [--rounds N] [--rivals graphile,pgboss,bullmq] [--no-rivals] [--hold SECONDS] [--seconds N]");
    return 2;
}

var settings = BenchSettings.Parse(args[2..]);
await using var server = await BenchServer.StartAsync();
var result = what switch
{
    "throughput" => await ThroughputBench.RunAsync(server, settings),
    "enqueue" => await EnqueueBench.RunAsync(server, settings),
    "latency" => await LatencyBench.RunAsync(server, settings),
    "fairness" => await FairnessBench.RunAsync(server, settings),
    "chaos" => await ChaosBench.RunAsync(server, settings),
    "soak" => await SoakBench.RunAsync(server, settings),
    "history" => await HistoryBench.RunAsync(server, settings),
    _ => throw new ArgumentException($"There is no bench '{what}'."),
};
return Report.AllMet ? result : 1;
