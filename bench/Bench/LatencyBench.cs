namespace Platform.Bench;

/// <summary>From before the enqueueing transaction to the handler's start, at 200 jobs a second.</summary>
internal static class LatencyBench
{
    private const int Rate = 200, WarmUp = 2000;

    public static async Task RunAsync(BenchServer server, BenchSettings settings)
    {
        var jobs = Math.Min(settings.Jobs, 3000);
        Report.Line($"{jobs:N0} jobs at {Rate}/s, from before the enqueueing transaction to the start, after {WarmUp:N0} more to warm up");
        var (engine, undisturbed) = await MeasureAsync(server, jobs);
        using (var run = new LatencyRun(jobs, Rate, WarmUp))
        {
            await BareLatency.RunAsync(await server.CreateDatabaseAsync(), run);
            run.Show("bare loop");
        }

        foreach (var kind in await RivalPackages.PrepareAsync(settings.Rivals))
        {
            await using var rival = await Rival.StartAsync(kind, server);
            Report.Latencies(kind.Title, [.. (await rival.LatencyAsync(jobs + WarmUp, Rate)).Skip(WarmUp).Order()]);
        }

        Report.AtMost("engine p50", Report.Percentile(engine, 0.5), 2, "ms");
        Report.AtMost("engine p99", Report.Percentile(engine, 0.99), 5, "ms");
        Report.AtMost("engine p99 while the machine kept its speed", Report.Percentile(undisturbed, 0.99), 5, "ms");
    }

    private static async Task<(double[] All, double[] Undisturbed)> MeasureAsync(BenchServer server, int jobs)
    {
        await using var database = await server.CreateJobsDatabaseAsync();
        using var run = new LatencyRun(jobs, Rate, WarmUp);
        await using var engine = await Engine.StartAsync(database, (_, number) => run.Started(number));
        var tenant = JobsBenchDatabase.Tenant(1);
        await run.EnqueueAsync(number =>
            database.InTransactionAsync(tenant, transaction => database.Queue.EnqueueAsync(transaction, tenant, new NoOp(number))));
        await engine.WaitAsync(run.Count);
        return run.Show("engine");
    }
}
