using System.Diagnostics;

namespace Platform.Bench;

/// <summary>Draining no-op jobs, one process, durable: the engine, graphile-worker and the bare loop in turns.</summary>
internal static class ThroughputBench
{
    public static async Task<int> RunAsync(BenchServer server, BenchSettings settings)
    {
        List<double> bare = [], engine = [], graphile = [];
        List<(double, double)> bareCost = [], engineCost = [], graphileCost = [];
        for (var round = 0; round < settings.Rounds; round++)
        {
            var (rate, cost) = await BareLoop.RunAsync(await server.CreateDatabaseAsync(), settings.Jobs);
            bare.Add(rate);
            bareCost.Add(cost);
            (rate, cost) = await DrainAsync(server, settings.Jobs);
            engine.Add(rate);
            engineCost.Add(cost);
            if (settings.Rivals)
            {
                var connectionString = await server.CreateDatabaseAsync();
                var rival = await Graphile.CreateAsync(connectionString);
                await rival.EnqueueAsync(settings.Jobs);
                var cpu = await CpuMeter.StartAsync(connectionString);
                graphile.Add(await rival.DrainAsync(settings.Jobs));
                graphileCost.Add(cpu.Stop(settings.Jobs, rival.Cpu));
            }
        }

        Report.Line($"Draining {settings.Jobs:N0} jobs, {settings.Rounds} rounds");
        Report.Rates("bare loop, batches of 100", bare);
        Report.Rates("engine", engine);
        Report.Ratio("engine / bare loop", Report.Median(engine) / Report.Median(bare), 0.7);
        if (settings.Rivals)
        {
            Report.Rates("graphile-worker 0.18", graphile);
            Report.Ratio("engine / graphile-worker", Report.Median(engine) / Report.Median(graphile), 1);
        }

        Report.Costs("bare loop", bareCost);
        Report.Costs("engine", engineCost);
        if (settings.Rivals)
            Report.Costs("graphile-worker 0.18", graphileCost);
        return 0;
    }

    private static async Task<(double Rate, (double, double) Cost)> DrainAsync(BenchServer server, int jobs)
    {
        await using var database = await server.CreateJobsDatabaseAsync();
        await database.EnqueueAsync(JobsBenchDatabase.Tenant(1), jobs);
        await database.ExecuteAsync("VACUUM ANALYZE jobs.pending");
        await database.ExecuteAsync("VACUUM ANALYZE jobs.job");
        var cpu = await CpuMeter.StartAsync(database.AdminConnectionString);
        var rate = await DrainAsync(database, jobs);
        return (rate, cpu.Stop(jobs));
    }

    /// <returns>Jobs per second, from the first start to the last stored completion.</returns>
    internal static async Task<double> DrainAsync(JobsBenchDatabase database, int jobs)
    {
        long first = 0;
        await using var engine = await Engine.StartAsync(database, (_, _) =>
        {
            if (first == 0)
                Interlocked.CompareExchange(ref first, Stopwatch.GetTimestamp(), 0);
        });
        await engine.WaitAsync(jobs);
        return jobs / Stopwatch.GetElapsedTime(first).TotalSeconds;
    }
}
