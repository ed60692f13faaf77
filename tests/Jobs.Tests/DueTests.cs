using Npgsql;
using Platform.Jobs.Internal;
using Platform.Jobs.Schedules;

namespace Platform.Jobs.Tests;

/// <summary>What is far off costs nothing today.</summary>
[Trait("Req", "F2")]
public sealed class DueTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private async Task<string> PlanAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(database.QueueConnectionString);
        await connection.OpenAsync();
#pragma warning disable CA2100 // The library's own statement.
        await using var command = new NpgsqlCommand("EXPLAIN " + sql, connection);
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    }

    [Fact]
    public async Task Looks_for_due_schedules_read_no_others()
    {
        await database.ExecuteAsync(
            """
            INSERT INTO jobs.schedules (
                tenant_id, id, name, cron, time_zone, misfire_runs, type, queue, priority, max_attempts, timeout_seconds, retention_days, payload, next_due)
            SELECT gen_random_uuid(), gen_random_uuid(), n::text, '@daily', 'UTC', 1, 'test.work', 'work', 50, 3, 60, 7, '{}', now() + n * interval '1 s'
            FROM generate_series(1, 5000) AS n
            """);
        await database.ExecuteAsync("ANALYZE jobs.schedules");

        var due = await PlanAsync(ScheduleSql.Due.Replace("$1", "100", StringComparison.Ordinal));
        Assert.Contains("Index Scan using schedules_due", due, StringComparison.Ordinal);
        Assert.Contains("Index Cond: (next_due <= now())", due, StringComparison.Ordinal);
        Assert.Contains("schedules_due", await PlanAsync(ScheduleSql.NextDue), StringComparison.Ordinal);
        Assert.Contains("schedule_runs_due", await PlanAsync(ScheduleSql.PruneRuns), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Looks_for_due_jobs_read_no_others()
    {
        await database.EnqueueManyAsync(
            JobsDatabase.Acme, [.. Enumerable.Range(0, 5000).Select(n => new Work(n))], new JobOptions { Delay = TimeSpan.FromDays(1) });
        await database.ExecuteAsync("ANALYZE jobs.pending");

        var plan = await PlanAsync(JobSql.PromoteDue);

        Assert.Contains("Index Cond: (run_at <= statement_timestamp())", plan, StringComparison.Ordinal);
        Assert.Contains("Index Cond: (run_at > statement_timestamp())", plan, StringComparison.Ordinal);
    }
}
