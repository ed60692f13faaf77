using System.Diagnostics;

namespace Platform.Bench;

/// <summary>Enqueueing: many in one call beside what the rivals have for it, and one a transaction from 16 callers.</summary>
internal static class EnqueueBench
{
    private const int Callers = 16;

    /// <summary>Of each caller: the compiler has as little time as they.</summary>
    private const int WarmUp = 300;

    public static async Task RunAsync(BenchServer server, BenchSettings settings)
    {
        List<double> bulk = [], single = [], alone = [];
        List<(double, double)> bulkCost = [], singleCost = [], aloneCost = [];
        var rivals = new RivalFigures(await RivalPackages.PrepareAsync(settings.Rivals));
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
                single.Add(await SingleAsync(settings.Jobs / 10, number => InTransactionAsync(database, number)));
                singleCost.Add(cpu.Stop(settings.Jobs / 10));
                cpu = await CpuMeter.StartAsync(database.AdminConnectionString);
                alone.Add(await SingleAsync(settings.Jobs / 10, number => database.Queue.EnqueueAsync(database.App, JobsBenchDatabase.Tenant(1), new NoOp(number))));
                aloneCost.Add(cpu.Stop(settings.Jobs / 10));
            }

            await rivals.RoundAsync(server, rival => rival.EnqueueAsync(settings.Jobs));
        }

        Report.Line($"Enqueueing {settings.Jobs:N0} jobs, {settings.Rounds} rounds");
        Report.Rates("many, 10,000 a transaction", bulk);
        rivals.ShowRates(kind => $"{kind.Title}, 1,000 a call");
        rivals.ShowRatio("many / graphile-worker", bulk, 2);
        Report.Rates($"one in the caller's transaction, {Callers} callers", single);
        Report.Ratio("one in the caller's transaction, thousands a second", Report.Median(single) / 1000, 5);
        Report.Rates($"one in a transaction of its own, {Callers} callers", alone);
        Report.Ratio("one in a transaction of its own, thousands a second", Report.Median(alone) / 1000, 5);
        Report.Costs("many", bulkCost);
        Report.Costs("one in the caller's transaction", singleCost);
        Report.Costs("one in a transaction of its own", aloneCost);
        rivals.ShowCosts();
    }

    private static Task InTransactionAsync(JobsBenchDatabase database, int number)
    {
        var tenant = JobsBenchDatabase.Tenant(1);
        return database.InTransactionAsync(tenant, transaction => database.Queue.EnqueueAsync(transaction, tenant, new NoOp(number)));
    }

    private static async Task<double> SingleAsync(int jobs, Func<int, Task> enqueue)
    {
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync(WarmUp)));
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync(jobs / Callers)));
        return jobs / Stopwatch.GetElapsedTime(start).TotalSeconds;

        async Task CallAsync(int count)
        {
            for (var n = 0; n < count; n++)
                await enqueue(n);
        }
    }
}
