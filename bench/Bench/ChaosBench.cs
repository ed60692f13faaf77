using System.Diagnostics;

namespace Platform.Bench;

/// <summary>
/// Lanes and batches of steps that fail by chance, at load, while worker processes are killed (-9) at random and replaced, Postgres
/// crashes once and comes back, and one worker's clock is an hour ahead. Then: nothing lost, nothing twice, lanes in order, nothing
/// stuck. Wants Linux.
/// </summary>
internal static class ChaosBench
{
    private const int Workers = 4, Skewed = 0;
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1), Settling = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(BenchServer server, BenchSettings settings)
    {
        await using var database = await server.CreateJobsDatabaseAsync();
        var locks = LaneLocks.Create();
        var lanes = Math.Clamp(settings.Seconds * 10 / 4 * 4, 100, 1000);
        await ChaosLoad.PrepareAsync(database, lanes);
        Report.Line($"{lanes:N0} lanes, {Workers} workers, one of them {Skew.TotalMinutes:0} min ahead, killed at random for {settings.Seconds} s");

        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(settings.Seconds));
        var load = new ChaosLoad(database, lanes).RunAsync(stop.Token);
        var workers = Enumerable.Range(0, Workers).Select(w => Start(database, locks, w)).ToArray();
        try
        {
            var killing = KillAsync(workers, w => Start(database, locks, w), stop.Token);
            await Task.Delay(TimeSpan.FromSeconds(settings.Seconds / 2.0));
            var away = await server.CrashAndRestartAsync();
            Report.Line($"Postgres {(away is { } time ? $"crashed and was back after {time.TotalSeconds:0.0} s" : "is not ours, so it was not restarted")}");
            var killed = await killing;
            await load;

            var ended = Stopwatch.GetTimestamp();
            var waiting = await database.CountAsync("SELECT count(*) FROM jobs.pending");
            while (await database.CountAsync("SELECT count(*) FROM jobs.pending") > 0 && Stopwatch.GetElapsedTime(ended) < Settling)
                await Task.Delay(100);
            Report.Line($"{killed} workers killed; the {waiting:N0} jobs that were left then took {Stopwatch.GetElapsedTime(ended).TotalSeconds:0.0} s");
            await ChaosVerdict.RunAsync(database, locks, settings.Seconds);
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
    }

    private static Process Start(JobsBenchDatabase database, LaneLocks locks, int worker) =>
        ChaosWorker.Start(database, locks, worker == Skewed ? Skew : TimeSpan.Zero);

    /// <returns>How many were killed.</returns>
    private static async Task<int> KillAsync(Process[] workers, Func<int, Process> start, CancellationToken stop)
    {
#pragma warning disable CA5394 // Chance, not a secret.
        var random = new Random(1);
        for (var kills = 0; ; kills++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1 + (random.NextDouble() * 4)), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return kills;
            var victim = random.Next(workers.Length);
            workers[victim].Kill();
            await workers[victim].WaitForExitAsync(CancellationToken.None);
            workers[victim].Dispose();
            workers[victim] = start(victim);
        }
#pragma warning restore CA5394
    }
}
