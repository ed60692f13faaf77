using System.Diagnostics;

namespace Platform.Bench;

/// <summary>Enqueueing: many in one call beside graphile-worker's add_jobs, and one a transaction from 16 callers.</summary>
internal static class EnqueueBench
{
    private const int Callers = 16;

    public static async Task<int> RunAsync(BenchServer server, BenchSettings settings)
    {
        List<double> bulk = [], single = [], graphile = [];
        List<(double, double)> bulkCost = [], singleCost = [], graphileCost = [];
        for (var round = 0; round < settings.Rounds; round++)
        {
            await using (var database = await server.CreateJobsDatabaseAsync())
            {
                await database.EnqueueAsync(JobsBenchDatabase.Tenant(1), 2000);
                var cpu = await CpuMeter.StartAsync(database.AdminConnectionString);
                var start = Stopwatch.GetTimestamp();
                await database.EnqueueAsync(JobsBenchDatabase.Tenant(1), settings.Jobs);
                bulk.Add(settings.Jobs / Stopwatch.GetElapsedTime(start).TotalSeconds);
                bulkCost.Add(cpu.Stop(settings.Jobs));
                cpu = await CpuMeter.StartAsync(database.AdminConnectionString);
                single.Add(await SingleAsync(database, settings.Jobs / 10));
                singleCost.Add(cpu.Stop(settings.Jobs / 10));
            }

            if (settings.Rivals)
            {
                var connectionString = await server.CreateDatabaseAsync();
                var rival = await Graphile.CreateAsync(connectionString);
                var cpu = await CpuMeter.StartAsync(connectionString);
                graphile.Add(await rival.EnqueueAsync(settings.Jobs));
                graphileCost.Add(cpu.Stop(settings.Jobs, rival.Cpu));
            }
        }

        Report.Line($"Enqueueing {settings.Jobs:N0} jobs, {settings.Rounds} rounds");
        Report.Rates("many, 10,000 a transaction", bulk);
        if (settings.Rivals)
        {
            Report.Rates("graphile-worker 0.18, 1,000 a call", graphile);
            Report.Ratio("many / graphile-worker", Report.Median(bulk) / Report.Median(graphile), 2);
        }

        Report.Rates($"one a transaction, {Callers} callers", single);
        Report.Ratio("one a transaction, thousands a second", Report.Median(single) / 1000, 5);
        Report.Costs("many", bulkCost);
        Report.Costs("one a transaction", singleCost);
        if (settings.Rivals)
            Report.Costs("graphile-worker 0.18", graphileCost);
        return 0;
    }

    private static async Task<double> SingleAsync(JobsBenchDatabase database, int jobs)
    {
        var tenant = JobsBenchDatabase.Tenant(1);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync(50)));
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync(jobs / Callers)));
        return jobs / Stopwatch.GetElapsedTime(start).TotalSeconds;

        async Task CallAsync(int count)
        {
            for (var n = 0; n < count; n++)
            {
                var number = n;
                await database.InTransactionAsync(tenant, transaction => database.Queue.EnqueueAsync(transaction, tenant, new NoOp(number)));
            }
        }
    }
}
