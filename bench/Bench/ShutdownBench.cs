using System.Diagnostics;
using System.Globalization;
using Platform.Jobs;

namespace Platform.Bench;

/// <summary>
/// Two worker processes under load, one of which is asked to stop (SIGTERM) and replaced, again and again, while jobs run in it that take
/// longer than they are left, some of them deaf. Then: nothing lost, nothing failed, no attempt spent. Wants Linux.
/// </summary>
internal static class ShutdownBench
{
    /// <summary>What a worker is left (Jobs:Drain), what it takes to hand back deaf jobs, and a second.</summary>
    private const double Grace = 5 + 2 + 1;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(120);

    /// <summary>Longer than a worker leaves them.</summary>
    private static readonly Nap[] Stubborn = [.. Enumerable.Repeat(new Nap(8000), 6), .. Enumerable.Repeat(new Nap(10_000, IsDeaf: true), 2)];

    public static async Task RunAsync(BenchServer server, BenchSettings settings)
    {
        await using var database = await server.CreateJobsDatabaseAsync();
        var locks = LaneLocks.Create();
        Process Start() => ChaosWorker.Start(database, locks, TimeSpan.Zero);
        var workers = new List<Process> { Start(), Start() };
        try
        {
            await EnqueueAsync(database, [.. Enumerable.Repeat(new Nap(1), settings.Jobs)], new JobOptions());
            var times = new List<double>();
            var failures = 0;
            for (var round = 0; round < settings.Rounds; round++)
            {
                await EnqueueAsync(database, Stubborn, new JobOptions { Priority = 0 });
                var victim = await BusyAsync(database, workers);
                var clock = Stopwatch.StartNew();
                using (var kill = Process.Start("kill", ["-TERM", victim.Id.ToString(CultureInfo.InvariantCulture)]))
                    await kill.WaitForExitAsync();
                await victim.WaitForExitAsync();
                times.Add(clock.Elapsed.TotalSeconds);
                failures += victim.ExitCode == 0 ? 0 : 1;
                workers.Remove(victim);
                victim.Dispose();
                workers.Add(Start());
            }

            var ended = Stopwatch.GetTimestamp();
            Report.Line($"{settings.Rounds} workers stopped, after {string.Join(", ", times.Select(time => time.ToString("0.0", CultureInfo.InvariantCulture)))} s; {await CountAsync("jobs.pending"):N0} jobs left then");
            while (await CountAsync("jobs.pending") > 0 && Stopwatch.GetElapsedTime(ended) < Settling)
                await Task.Delay(100);

            var sent = settings.Jobs + (Stubborn.Length * settings.Rounds);
            Report.AtMost("the longest stop", times.Max(), Grace, "s");
            Report.Exactly("exit codes other than 0", failures, 0);
            Report.Exactly("completions recorded", await CountAsync("jobs.finished WHERE state = 'succeeded'"), sent);
            Report.Exactly("other ends recorded", await CountAsync("jobs.finished WHERE state <> 'succeeded'"), 0);
            Report.Exactly("attempts recorded as failed", await CountAsync("jobs.attempts"), 0);
            Report.Exactly("jobs that were charged for being handed back", await CountAsync("jobs.finished WHERE attempt <> 1"), 0);
        }
        finally
        {
            foreach (var worker in workers)
            {
                worker.Kill();
                worker.Dispose();
            }

            locks.Delete();
        }

        Task<long> CountAsync(string from) => database.CountAsync($"SELECT count(*) FROM {from}");
    }

    private static async Task EnqueueAsync(JobsBenchDatabase database, Nap[] naps, JobOptions options)
    {
        foreach (var some in naps.Chunk(10_000))
        {
            await database.InTransactionAsync(JobsBenchDatabase.Tenant(1), transaction =>
                database.Queue.EnqueueManyAsync(transaction, JobsBenchDatabase.Tenant(1), some, options));
        }
    }

    /// <summary>The first of the workers that runs both a deaf job and one that isn't, of those that take longer.</summary>
    private static async Task<Process> BusyAsync(JobsBenchDatabase database, List<Process> workers)
    {
        while (true)
        {
            foreach (var worker in workers)
            {
                if (await database.CountAsync($"""
                    SELECT count(DISTINCT j.payload ->> 'isDeaf') FROM jobs.pending p
                    JOIN jobs.workers w ON w.id = p.worker JOIN jobs.job j ON j.id = p.id
                    WHERE w.name LIKE '%:{worker.Id}' AND (j.payload ->> 'milliseconds')::int > 1000
                    """) == 2)
                    return worker;
            }

            await Task.Delay(50);
        }
    }
}
