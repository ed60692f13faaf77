using System.Diagnostics;

namespace Platform.Bench;

/// <summary>Draining no-op jobs, one process, durable: the engine, graphile-worker and the bare loop in turns.</summary>
internal static class ThroughputBench
{
    public static async Task<int> RunAsync(BenchServer server, BenchSettings settings)
    {
        List<double> bare = [], engine = [], graphile = [];
        for (var round = 0; round < settings.Rounds; round++)
        {
            bare.Add(await BareLoop.RunAsync(await server.CreateDatabaseAsync(), settings.Jobs));
            engine.Add(await DrainAsync(server, settings.Jobs));
            if (settings.Rivals)
            {
                var rival = await Graphile.CreateAsync(await server.CreateDatabaseAsync());
                await rival.EnqueueAsync(settings.Jobs);
                graphile.Add(await rival.DrainAsync(settings.Jobs));
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

        return 0;
    }

    private static async Task<double> DrainAsync(BenchServer server, int jobs)
    {
        await using var database = await server.CreateJobsDatabaseAsync();
        await database.EnqueueAsync(JobsBenchDatabase.Tenant(1), jobs);
        await database.ExecuteAsync("VACUUM ANALYZE jobs.pending");
        await database.ExecuteAsync("VACUUM ANALYZE jobs.job");
        return await DrainAsync(database, jobs);
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
