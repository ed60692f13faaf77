using System.Diagnostics;

namespace Platform.Bench;

/// <summary>From before the enqueueing transaction to the handler's start, at 200 jobs a second.</summary>
internal static class LatencyBench
{
    private const int Rate = 200, WarmUp = 2000;

    public static async Task<int> RunAsync(BenchServer server, BenchSettings settings)
    {
        var jobs = Math.Min(settings.Jobs, 3000);
        var engine = await MeasureAsync(server, jobs);
        Report.Line($"{jobs:N0} jobs at {Rate}/s, from before the enqueueing transaction to the start, after {WarmUp:N0} more to warm up");
        Report.Latencies("engine", engine);
        foreach (var kind in await RivalPackages.PrepareAsync(settings.Rivals))
        {
            await using var rival = await Rival.StartAsync(kind, server);
            Report.Latencies(kind.Title, [.. (await rival.LatencyAsync(jobs + WarmUp, Rate)).Skip(WarmUp).Order()]);
        }

        Report.AtMost("engine p50", Report.Percentile(engine, 0.5), 2, "ms");
        Report.AtMost("engine p99", Report.Percentile(engine, 0.99), 5, "ms");
        return 0;
    }

    private static async Task<double[]> MeasureAsync(BenchServer server, int jobs)
    {
        await using var database = await server.CreateJobsDatabaseAsync();
        var enqueued = new long[jobs + WarmUp];
        var latencies = new double[jobs + WarmUp];
        await using var engine = await Engine.StartAsync(
            database, (_, number) => latencies[number] = Stopwatch.GetElapsedTime(enqueued[number]).TotalMilliseconds);
        var tenant = JobsBenchDatabase.Tenant(1);
        var pending = new List<Task>(jobs + WarmUp);
        var start = Stopwatch.GetTimestamp();
        for (var n = 0; n < enqueued.Length; n++)
        {
            var wait = TimeSpan.FromSeconds((double)n / Rate) - Stopwatch.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait);
            var number = n;
            enqueued[n] = Stopwatch.GetTimestamp();
            pending.Add(database.InTransactionAsync(tenant, transaction => database.Queue.EnqueueAsync(transaction, tenant, new NoOp(number))));
        }

        await Task.WhenAll(pending);
        await engine.WaitAsync(enqueued.Length);
        return [.. latencies.Skip(WarmUp).Order()];
    }
}
