using System.Collections.Concurrent;
using System.Diagnostics;
using Platform.Tenancy;

namespace Platform.Bench;

/// <summary>
/// One tenant has all its jobs waiting, another one adds a job now and then: how long do those wait, and what do turns between tenants cost?
/// Beside it the same jobs with nothing to take turns between, all of one tenant, which the engine runs first in, first out; and the plain
/// loop, which knows no tenants at all.
/// </summary>
internal static class FairnessBench
{
    private const long FirstQuiet = 1_000_000_000;
    private const double Within = 0.85, MostWait = 1000;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    private delegate Task<IDrain> Start(JobsBenchDatabase database, Action<TenantId, long> onRun);

    public static async Task RunAsync(BenchServer server, BenchSettings settings)
    {
        var (large, quiet) = (JobsBenchDatabase.Tenant(1), JobsBenchDatabase.Tenant(2));
        Contender[] contenders =
        [
            new("plain loop, first in, first out", large, FifoLoop.StartAsync),
            new("engine, first in, first out", large, StartEngineAsync),
            new("engine, in turns between tenants", quiet, StartEngineAsync),
        ];
        // The first of a process pays for compiling what all use; each round begins with another one.
        for (var round = 0; round < settings.Rounds; round++)
        {
            for (var i = 0; i < contenders.Length; i++)
                await RoundAsync(server, settings.Jobs, contenders[(round + i) % contenders.Length]);
        }

        Report.Line($"A quiet tenant's job every {Pace.TotalMilliseconds:0} ms while {settings.Jobs:N0} of another wait, {settings.Rounds} rounds");
        foreach (var contender in contenders)
            Report.Rates(contender.Title, contender.Rates);
        foreach (var contender in contenders)
            Report.Costs(contender.Title, contender.Costs);
        foreach (var contender in contenders)
            Report.Latencies($"quiet wait, {contender.Title}", [.. contender.Waits.Order()]);
        var (loop, fifo, fair) = (contenders[0].Rate, contenders[1].Rate, contenders[2].Rate);
        var wait = Report.Percentile([.. contenders[2].Waits.Order()], 0.99);
        Report.Line($"{"engine in turns / plain loop",-44} {fair / loop,10:0.00}     (no mark: all that the loop leaves out)");
        Report.Ratio("engine in turns / first in, first out", fair / fifo, Within);
        Report.AtMost("quiet tenant's wait, p99", wait, MostWait, "ms");

        static async Task<IDrain> StartEngineAsync(JobsBenchDatabase database, Action<TenantId, long> onRun) =>
            await Engine.StartAsync(database, onRun);
    }

    private static async Task RoundAsync(BenchServer server, int jobs, Contender contender)
    {
        await using var database = await server.CreateJobsDatabaseAsync();
        await database.EnqueueAsync(JobsBenchDatabase.Tenant(1), jobs);
        await database.ExecuteAsync("VACUUM ANALYZE jobs.pending");
        await database.ExecuteAsync("VACUUM ANALYZE jobs.job");
        var enqueued = new ConcurrentDictionary<long, long>();
        long large = 0;
        var cpu = await CpuMeter.StartAsync(database.AdminConnectionString);
        var start = Stopwatch.GetTimestamp();
        await using var drain = await contender.Start(database, (_, number) =>
        {
            if (number >= FirstQuiet)
                contender.Waits.Add(Stopwatch.GetElapsedTime(enqueued[number]).TotalMilliseconds);
            else
                Interlocked.Increment(ref large);
        });
        var count = 0;
        while (Interlocked.Read(ref large) < jobs * 9L / 10)
        {
            var number = FirstQuiet + count++;
            enqueued[number] = Stopwatch.GetTimestamp();
            await database.InTransactionAsync(
                contender.Quiet, transaction => database.Queue.EnqueueAsync(transaction, contender.Quiet, new NoOp(number)));
            await Task.Delay(Pace);
        }

        await drain.WaitAsync(jobs + count);
        contender.Rates.Add((jobs + count) / Stopwatch.GetElapsedTime(start).TotalSeconds);
        contender.Costs.Add(cpu.Stop(jobs + count));
    }

    /// <param name="Quiet">Whose the quiet tenant's jobs are.</param>
    private sealed record Contender(string Title, TenantId Quiet, Start Start)
    {
        public List<double> Rates { get; } = [];

        public List<(double, double)> Costs { get; } = [];

        public ConcurrentBag<double> Waits { get; } = [];

        public double Rate => Report.Median(Rates);
    }
}
