using System.Diagnostics;

namespace Platform.Bench;

/// <summary>One tenant has all its jobs waiting, another one adds a job now and then: how long do those wait, and what does fairness cost?</summary>
internal static class FairnessBench
{
    public static async Task<int> RunAsync(BenchServer server, BenchSettings settings)
    {
        await using var database = await server.CreateJobsDatabaseAsync();
        await database.EnqueueAsync(JobsBenchDatabase.Tenant(1), settings.Jobs);
        var quiet = JobsBenchDatabase.Tenant(2);
        var enqueued = new long[10_000];
        var waits = new System.Collections.Concurrent.ConcurrentBag<double>();
        long large = 0;
        await using var engine = await Engine.StartAsync(database, (tenant, number) =>
        {
            if (tenant == quiet)
                waits.Add(Stopwatch.GetElapsedTime(enqueued[number]).TotalMilliseconds);
            else
                Interlocked.Increment(ref large);
        });
        var start = Stopwatch.GetTimestamp();
        var count = 0;
        while (Interlocked.Read(ref large) < settings.Jobs * 9L / 10 && count < enqueued.Length)
        {
            var number = count++;
            enqueued[number] = Stopwatch.GetTimestamp();
            await database.InTransactionAsync(quiet, transaction => database.Queue.EnqueueAsync(transaction, quiet, new NoOp(number)));
            await Task.Delay(10);
        }

        await engine.WaitAsync(settings.Jobs + count);
        var rate = (settings.Jobs + count) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        double[] sorted = [.. waits.Order()];
        Report.Line($"{count} jobs of a quiet tenant while {settings.Jobs:N0} of another wait ({rate:N0} jobs/s in all)");
        Report.Latencies("quiet tenant's wait", sorted);
        Report.AtMost("quiet tenant's wait, p99", Report.Percentile(sorted, 0.99), 1000, "ms");
        return 0;
    }
}
