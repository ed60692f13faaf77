namespace Platform.Bench;

/// <summary>Does a long history slow the queue down? Drains beside ten million finished jobs (or <c>--jobs</c> × 100).</summary>
internal static class HistoryBench
{
    public static async Task RunAsync(BenchServer server, BenchSettings settings)
    {
        var history = settings.Jobs * 100L;
        await using var database = await server.CreateJobsDatabaseAsync();
        var tenant = JobsBenchDatabase.Tenant(1);
        // The first drain pays for compiling.
        await database.EnqueueAsync(tenant, settings.Jobs);
        await ThroughputBench.DrainAsync(database, settings.Jobs);
        await database.EnqueueAsync(tenant, settings.Jobs);
        var without = await ThroughputBench.DrainAsync(database, settings.Jobs);

        await database.ExecuteAsync($"""
            WITH h AS MATERIALIZED (SELECT uuidv7() AS id FROM generate_series(1, {history})), f AS (
                INSERT INTO jobs.finished (id, tenant_id, started_at, finished_at, attempt, state)
                SELECT id, '{tenant}', now(), now(), 1, 'succeeded' FROM h
            )
            INSERT INTO jobs.job (id, seq, tenant_id, timeout_seconds, retention_days, max_attempts, priority, type, queue, payload)
            SELECT id, 0, '{tenant}', 60, 7, 5, 50, 'bench.noop', 'bench', '{"{}"}' FROM h
            """);
        await database.ExecuteAsync("CHECKPOINT");
        await database.EnqueueAsync(tenant, settings.Jobs);
        var with = await ThroughputBench.DrainAsync(database, settings.Jobs);

        Report.Line($"Draining {settings.Jobs:N0} jobs beside {history:N0} finished ones");
        Report.Rates("without history", [without]);
        Report.Rates("with history", [with]);
        Report.Ratio("with / without", with / without, 0.95);
    }
}
