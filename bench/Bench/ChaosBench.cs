using System.Diagnostics;
using Platform.Jobs;

namespace Platform.Bench;

/// <summary>
/// Lanes of steps, handlers that fail by chance, four worker processes that are killed (-9) at random and replaced: every step
/// must be done, in order, never two of a lane at once, with exactly one completion recorded. Wants Linux.
/// </summary>
internal static class ChaosBench
{
    private const int Workers = 4, Tenants = 10;

    public static async Task<int> RunAsync(BenchServer server, BenchSettings settings)
    {
        await using var database = await server.CreateJobsDatabaseAsync();
        await database.ExecuteAsync("""
            CREATE TABLE steps (done bigserial, lane int, number int, again int NOT NULL DEFAULT 0, PRIMARY KEY (lane, number));
            CREATE TABLE collisions (lane int, number int);
            """);
        var lanes = settings.Jobs / 100;
        Report.Line($"{lanes:N0} lanes of 100 steps, {Workers} workers, killed at random");
        for (var lane = 0; lane < lanes; lane++)
            await EnqueueAsync(database, lane);

#pragma warning disable CA5394 // Chance, not a secret.
        var random = new Random(1);
        var workers = Enumerable.Range(0, Workers).Select(_ => Start(database)).ToArray();
        var kills = 0;
        var start = Stopwatch.GetTimestamp();
        var nextKill = TimeSpan.FromSeconds(3);
        long left;
        var progressAt = start;
        long lowest = long.MaxValue;
        while ((left = await CountAsync(database, "SELECT count(*) FROM jobs.pending")) > 0)
        {
            if (left < lowest)
                (lowest, progressAt) = (left, Stopwatch.GetTimestamp());
            if (Stopwatch.GetElapsedTime(progressAt) > TimeSpan.FromSeconds(60))
                break;
            await Task.Delay(500);
            if (Stopwatch.GetElapsedTime(start) < nextKill)
                continue;
            nextKill += TimeSpan.FromSeconds(1 + (random.NextDouble() * 4));
            var victim = random.Next(Workers);
            workers[victim].Kill();
            await workers[victim].WaitForExitAsync();
            workers[victim].Dispose();
            workers[victim] = Start(database);
            kills++;
        }
#pragma warning restore CA5394

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach (var worker in workers)
        {
            worker.Kill();
            worker.Dispose();
        }

        var steps = lanes * 100L;
        Report.Line($"{steps:N0} steps in {seconds:0} s ({steps / seconds:N0}/s), {kills} workers killed, {await CountAsync(database, "SELECT count(*) FROM jobs.attempts"):N0} attempts failed");
        Exactly("jobs left", left, 0);
        Exactly("steps done", await CountAsync(database, "SELECT count(*) FROM steps"), steps);
        Exactly("completions recorded", await CountAsync(database, "SELECT count(*) FROM jobs.finished WHERE state = 'succeeded'"), steps);
        Exactly("steps out of order", await CountAsync(database, """
            SELECT count(*) FROM (SELECT number, lag(number, 1, -1) OVER (PARTITION BY lane ORDER BY done) AS before FROM steps) s
            WHERE number <> before + 1
            """), 0);
        Exactly("overlaps within a lane", await CountAsync(database, "SELECT count(*) FROM collisions"), 0);
        return 0;
    }

    private static void Exactly(string what, long value, long expected) =>
        Report.Line($"{what,-44} {value,10:N0}     (mark: {expected:N0}) {(value == expected ? "met" : "MISSED")}");

    private static Task EnqueueAsync(JobsBenchDatabase database, int lane)
    {
        var tenant = JobsBenchDatabase.Tenant(1 + (lane % Tenants));
        var options = new JobOptions { Lane = $"lane {lane}" };
        return database.InTransactionAsync(tenant, async transaction =>
        {
            for (var number = 0; number < 100; number++)
                await database.Queue.EnqueueAsync(transaction, tenant, new Step(lane, number), options);
        });
    }

    private static Process Start(JobsBenchDatabase database) => Process.Start(new ProcessStartInfo(
        Environment.ProcessPath!, [.. Host(), "worker", database.QueueConnectionString, database.AdminConnectionString]))!;

    // Run as "dotnet Bench.dll", the process is dotnet and needs to be told what to run.
    private static string[] Host() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? [typeof(ChaosBench).Assembly.Location] : [];

    private static async Task<long> CountAsync(JobsBenchDatabase database, string sql)
    {
        await using var command = database.Admin.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
