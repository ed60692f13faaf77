using System.Diagnostics;
using Npgsql;

namespace Platform.Bench;

/// <summary>
/// Millions of jobs through a queue that is never long and never empty: does it get slower, does the hot table grow? With
/// <c>--hold</c> another transaction keeps an old snapshot through the middle fifth, so that nothing dead can be removed meanwhile.
/// </summary>
internal static class SoakBench
{
    private const int Parts = 10, Waiting = 20_000, Batch = 10_000;

    public static async Task<int> RunAsync(BenchServer server, BenchSettings settings)
    {
        var jobs = settings.Jobs / (Parts * Batch) * (Parts * Batch);
        await using var database = await server.CreateJobsDatabaseAsync();
        await database.EnqueueAsync(JobsBenchDatabase.Tenant(1), Waiting);
        await using var engine = await Engine.StartAsync(database, (_, _) => { });
        var producer = ProduceAsync(database, engine, jobs - Waiting);

        Report.Line($"{jobs:N0} jobs, {Waiting:N0} waiting at a time{(settings.Hold ? ", an old snapshot held in the middle" : "")}");
        List<double> rates = [];
        List<long> sizes = [];
        NpgsqlConnection? holder = null;
        for (var part = 1; part <= Parts; part++)
        {
            if (settings.Hold && part == 5)
                holder = await HoldAsync(database);
            if (holder is not null && part == 7)
            {
                await holder.DisposeAsync();
                holder = null;
            }
            var started = Stopwatch.GetTimestamp();
            await engine.WaitAsync(jobs / Parts * part);
            rates.Add(jobs / Parts / Stopwatch.GetElapsedTime(started).TotalSeconds);
            var (size, dead) = await MeasureAsync(database);
            sizes.Add(size);
            Report.Line($"  part {part,2}: {rates[^1],8:N0} jobs/s   hot table and indexes {size / 1048576.0,7:N1} MiB   dead rows {dead,9:N0}");
        }
        await producer;

        Report.Ratio("last tenth / first tenth", rates[^1] / rates[0], 0.9);
        Report.Line($"hot table and indexes, at most {sizes.Max() / 1048576.0:N1} MiB, at the end {sizes[^1] / 1048576.0:N1} MiB");
        return rates[^1] >= 0.9 * rates[0] ? 0 : 1;
    }

    private static async Task ProduceAsync(JobsBenchDatabase database, Engine engine, long jobs)
    {
        var tenant = JobsBenchDatabase.Tenant(1);
        for (long sent = 0; sent < jobs; sent += Batch)
        {
            await engine.WaitAsync(sent);
            await database.EnqueueAsync(tenant, Batch);
        }
    }

    private static async Task<NpgsqlConnection> HoldAsync(JobsBenchDatabase database)
    {
        var connection = await database.Admin.OpenConnectionAsync();
        await using var begin = new NpgsqlCommand("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM jobs.pending", connection);
        await begin.ExecuteNonQueryAsync();
        return connection;
    }

    private static async Task<(long Size, long Dead)> MeasureAsync(JobsBenchDatabase database)
    {
        await using var command = database.Admin.CreateCommand(
            "SELECT pg_total_relation_size('jobs.pending'), pg_stat_get_dead_tuples('jobs.pending'::regclass)");
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }
}
