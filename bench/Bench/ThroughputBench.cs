using System.Diagnostics;

namespace Platform.Bench;

/// <summary>Draining no-op jobs, one process, durable: the engine, the rivals and the bare loop in turns.</summary>
internal static class ThroughputBench
{
    public static async Task RunAsync(BenchServer server, BenchSettings settings)
    {
        List<double> bare = [], engine = [];
        List<(double, double)> bareCost = [], engineCost = [];
        var rivals = new RivalFigures(await RivalPackages.PrepareAsync(settings.Rivals));
        for (var round = 0; round < settings.Rounds; round++)
        {
            var (rate, cost) = await BareLoop.RunAsync(await server.CreateDatabaseAsync(), settings.Jobs);
            bare.Add(rate);
            bareCost.Add(cost);
            (rate, cost) = await DrainAsync(server, settings.Jobs);
            engine.Add(rate);
            engineCost.Add(cost);
            await rivals.RoundAsync(server, async rival =>
            {
                await rival.EnqueueAsync(settings.Jobs);
                return await rival.DrainAsync(settings.Jobs);
            });
        }

        Report.Line($"Draining {settings.Jobs:N0} jobs, {settings.Rounds} rounds");
        Report.Rates("bare loop, batches of 100", bare);
        Report.Rates("engine", engine);
        Report.Ratio("engine / bare loop", Report.Median(engine) / Report.Median(bare), 0.7);
        rivals.ShowRates(kind => kind.Title);
        rivals.ShowRatio("engine / graphile-worker", engine, 1);
        Report.Costs("bare loop", bareCost);
        Report.Costs("engine", engineCost);
        rivals.ShowCosts();
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
