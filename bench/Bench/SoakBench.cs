using System.Diagnostics;
using Npgsql;

namespace Platform.Bench;

/// <summary>
/// Millions of jobs through a queue that is never long and never empty, enqueued and run side by side: does it get slower, does the hot
/// table grow? With <c>--hold</c>, after half of them, another transaction keeps an old snapshot for so many seconds, in which nothing dead
/// can be removed; the jobs run meanwhile are extra.
/// </summary>
internal static class SoakBench
{
    private const int Tenths = 10, Tenants = 5, Waiting = 20_000, Batch = 5_000, HoldSlices = 6;
    private const double Slowest = 0.9, Growth = 1.5;

    public static async Task RunAsync(BenchServer server, BenchSettings settings)
    {
        var tenth = Math.Max(Waiting, settings.Jobs / Tenths);
        await using var database = await server.CreateJobsDatabaseAsync();
        await using var engine = await Engine.StartAsync(database, (_, _) => { });
        using var stop = new CancellationTokenSource();
        var producer = ProduceAsync(database, engine, stop.Token);
        // What comes first is compiled first; the first tenth is not to be measured by that.
        await engine.WaitAsync(Waiting);

        Report.Line($"{(long)tenth * Tenths:N0} jobs, {Waiting:N0} waiting at a time{(settings.Hold > 0 ? $", an old snapshot held for {settings.Hold} s half-way" : "")}");
        var start = Stopwatch.GetTimestamp();
        var parts = new List<Part>();
        Part[] held = [];
        for (var n = 1; n <= Tenths; n++)
        {
            parts.Add(await MeasureAsync(database, engine, $"tenth {n}", () => engine.WaitAsync(engine.Recorded + tenth)));
            if (settings.Hold > 0 && n == Tenths / 2)
                held = await HoldAsync(database, engine, settings.Hold);
        }

        var took = Stopwatch.GetElapsedTime(start);
        await stop.CancelAsync();
        await producer;
        Report.Line($"{engine.Recorded:N0} jobs in {took.TotalSeconds:0} s, {engine.Recorded / took.TotalSeconds:N0}/s");
        var half = parts[(Tenths / 2) - 1];
        if (held.Length > 0)
        {
            Report.Line($"rate before the snapshot {half.Rate:N0}/s, with it {held.Average(p => p.Rate):N0}/s (at last {held[^1].Rate:N0}/s), after it {parts[Tenths / 2].Rate:N0}/s");
            Report.Line($"hot table and indexes before {Mib(half.Size)} MiB, at most {Mib(held.Max(p => p.Size))} MiB, at the end {Mib(parts[^1].Size)} MiB");
        }

        // What a vacuum frees is used again, not given back: between two vacuums the size can only grow.
        var growth = parts.Skip(Tenths / 2).Max(p => p.Size) / (double)parts.Take(Tenths / 2).Concat(held).Max(p => p.Size);
        var judged = half.Vacuums > 0 && parts[^1].Vacuums > (held.LastOrDefault() ?? half).Vacuums;
        if (judged)
            Report.AtMost("largest size, second half / before", growth, Growth, "×");
        else
            Report.Line($"largest size, second half / before {growth:0.00} ×: not judged, for no vacuum came in one of them");
        Report.Ratio("last tenth / first tenth", parts[^1].Rate / parts[0].Rate, Slowest);
    }

    private static async Task ProduceAsync(JobsBenchDatabase database, Engine engine, CancellationToken stop)
    {
        for (long sent = 0; !stop.IsCancellationRequested; sent += Batch)
        {
            // The clock of a poll is coarser than what is left to wait for: look before, so that the queue never runs dry.
            if (engine.Recorded < sent - Waiting + Batch)
                await engine.WaitAsync(sent - Waiting + Batch);
            await database.EnqueueAsync(JobsBenchDatabase.Tenant(1 + (int)(sent / Batch % Tenants)), Batch);
        }
    }

    private static async Task<Part[]> HoldAsync(JobsBenchDatabase database, Engine engine, int seconds)
    {
        await using var connection = await database.Admin.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        await using (var read = new NpgsqlCommand("SELECT count(*) FROM jobs.pending", connection, transaction))
            await read.ExecuteScalarAsync();
        var parts = new List<Part>();
        for (var slice = 1; slice <= HoldSlices; slice++)
            parts.Add(await MeasureAsync(database, engine, $"held {slice}", () => Task.Delay(TimeSpan.FromSeconds(seconds / (double)HoldSlices))));
        await transaction.RollbackAsync();
        return [.. parts];
    }

    private static async Task<Part> MeasureAsync(JobsBenchDatabase database, Engine engine, string title, Func<Task> wait)
    {
        var (recorded, start) = (engine.Recorded, Stopwatch.GetTimestamp());
        var cpu = await CpuMeter.StartAsync(database.AdminConnectionString);
        await wait();
        var done = engine.Recorded - recorded;
        var rate = done / Stopwatch.GetElapsedTime(start).TotalSeconds;
        var (server, client) = cpu.Stop((int)Math.Max(1, done));
        await using var command = database.Admin.CreateCommand(
            "SELECT pg_table_size('jobs.pending'), pg_indexes_size('jobs.pending'), pg_stat_get_dead_tuples('jobs.pending'::regclass), pg_stat_get_autovacuum_count('jobs.pending'::regclass) + pg_stat_get_vacuum_count('jobs.pending'::regclass)");
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        var (table, indexes, dead, vacuums) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
        using var self = Process.GetCurrentProcess();
        Report.Line($"  {title,-9} {rate,8:N0} jobs/s   {server,5:0.0} + {client,4:0.0} µs   hot table {Mib(table),6} MiB, its indexes {Mib(indexes),6} MiB   dead rows {dead,10:N0}   vacuums {vacuums}   this process {Mib(self.WorkingSet64),6} MiB");
        return new Part(rate, table + indexes, vacuums);
    }

    private static string Mib(long bytes) => (bytes / 1048576.0).ToString("N1", System.Globalization.CultureInfo.InvariantCulture);

    private sealed record Part(double Rate, long Size, long Vacuums);
}
