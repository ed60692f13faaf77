using Npgsql;
using Platform.Jobs.Internal;
using Platform.Jobs.Upkeep;
using Platform.Tenancy;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests.Upkeep;

[Trait("Req", "F8")]
public sealed class DurationTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly JobStatistics _statistics = new(TimeProvider.System);

    private async Task<IReadOnlyList<JobQueueSeries>> ReadAsync(TimeSpan? window = null, string? queue = null, int points = 60)
    {
        await using var connection = await database.App.OpenConnectionAsync();
        return await _statistics.ReadAsync(connection, window ?? Window, queue, points);
    }

    [Theory]
    [InlineData(0.0007)]
    [InlineData(0.25)]
    [InlineData(3600)]
    public void Percentiles_are_within_five_percent(double most)
    {
        var histogram = new DurationHistogram();
        for (var i = 1; i <= 1000; i++)
            histogram.Add(most * i / 1000);

        var times = DurationHistogram.Times([histogram.Take()])!;

        Assert.InRange(times.Mean / (most * 500.5), 0.99, 1.01);
        Assert.InRange(times.P50 / (most * 500), 0.95, 1.05);
        Assert.InRange(times.P95 / (most * 950), 0.95, 1.05);
        Assert.Null(DurationHistogram.Times([histogram.Take()]));
    }

    [Fact]
    public void What_was_taken_can_be_put_back()
    {
        var histogram = new DurationHistogram();
        foreach (var seconds in (double[])[0, 0.5, 0.5, 1e9])
            histogram.Add(seconds);
        var taken = histogram.Take();
        histogram.Add(0.5);

        histogram.PutBack(taken);

        Assert.Equal([1, 3, 1], histogram.Take().Counts);
    }

    [Fact]
    public async Task Waits_and_runs_of_all_workers_are_added_up()
    {
        WorkHost.Handler handler = async (payload, _, cancellationToken) =>
        {
            await Task.Delay(((Work)payload).Number, cancellationToken);
            return null;
        };
        for (var round = 0; round < 2; round++)
        {
            await using var host = await WorkHost.StartAsync(database, handler, options => options.Queues["timed"] = new JobQueueOptions { Concurrency = 1 });
            var jobs = await database.EnqueueManyAsync(Acme, Enumerable.Repeat(new Work(20), 5).ToArray(), new JobOptions { Queue = "timed" });
            await database.WaitForAsync(Acme, jobs[^1], JobStates.Succeeded);
        }

        var series = Assert.Single(await ReadAsync(queue: "timed"));
        Assert.Equal(10, series.Samples.Sum(s => s.Completed));
        Assert.Equal(20, await database.ScalarAsync<decimal>(
            "SELECT sum(n) FROM jobs.statistics, unnest(wait_counts || run_counts) AS n WHERE queue = 'timed'"));
        Assert.InRange(series.RunMs!.P50, 18, 2000);
        // One at a time: each waits for those before it. (A histogram is up to 5 % off, and a timer a little early.)
        Assert.InRange(series.WaitMs!.P95, 60, 10_000);
        Assert.True(series.WaitMs.Mean < series.WaitMs.P95);
        Assert.Contains(series.Samples, s => s is { WaitMs: not null, RunMs: not null });

        var tenant = Assert.Single((await _statistics.ReadTenantAsync(database.App, Acme, Window, "timed")).Series);
        Assert.Equal(10, tenant.Samples.Sum(s => s.Completed));
        // Until the end is stored.
        Assert.InRange(tenant.RunMs!.P50, 18, 2000);
        Assert.InRange(tenant.WaitMs!.P95, 60, 10_000);
    }

    [Fact]
    [Trait("Req", "F5")]
    public async Task Wait_in_a_lane_counts_from_the_end_of_the_job_ahead()
    {
        await using var host = await WorkHost.StartAsync(
            database, async (payload, _, cancellationToken) =>
            {
                await Task.Delay(((Work)payload).Number, cancellationToken);
                return null;
            },
            options => options.Queues["laned"] = new JobQueueOptions());
        var options = new JobOptions { Queue = "laned", Lane = "one" };
        await database.InTransactionAsync(Globex, async transaction =>
        {
            await database.Queue.EnqueueAsync(transaction, Globex, new Work(600), options);
            return await database.Queue.EnqueueAsync(transaction, Globex, new Work(0), options);
        });
        var behind = await database.ScalarAsync<Guid>("SELECT id FROM jobs.job WHERE queue = 'laned' ORDER BY seq DESC LIMIT 1");
        await database.WaitForAsync(Globex, behind, JobStates.Succeeded);

        Assert.InRange(
            await database.ScalarAsync<double>("SELECT extract(epoch FROM started_at - run_at)::float8 FROM jobs.finished WHERE id = $1", behind), 0, 0.5);
    }

    [Fact]
    public async Task Tenants_figures_are_of_what_ended_in_the_window_and_say_how_far_back_they_go()
    {
        var tenant = new TenantId(Guid.CreateVersion7());
        // One a second for the last six hours and a bit; each waited 10 ms and ran as many ms as seconds ago it ended.
        await AddHistoryAsync(tenant, IJobStatistics.MaxTenantJobs + 1000);

        var all = await _statistics.ReadTenantAsync(database.App, tenant, TimeSpan.FromDays(1), points: 24);
        var hour = await _statistics.ReadTenantAsync(database.App, tenant, TimeSpan.FromHours(1), "history", 60);

        Assert.Equal(IJobStatistics.MaxTenantJobs, all.Series.Single().Samples.Sum(s => s.Completed + s.Dead));
        Assert.InRange((DateTimeOffset.UtcNow - all.Since!.Value).TotalSeconds, 19_990, 20_060);
        var series = Assert.Single(hour.Series);
        Assert.InRange(series.Samples.Count, 60, 62);
        Assert.All(series.Samples.Skip(1).SkipLast(1), s => Assert.Equal((54L, 12L, 6L), (s.Completed, s.Failed, s.Dead)));
        Assert.Equal(new JobTimes(10, 10, 10), series.WaitMs);
        Assert.InRange(series.RunMs!.P95, 3410, 3480);
        Assert.Empty((await _statistics.ReadTenantAsync(database.App, new TenantId(Guid.CreateVersion7()), Window)).Series);
    }

    [Fact]
    public async Task Tenants_figures_are_found_by_its_index()
    {
        await AddHistoryAsync(Acme, 2000, "others");
        await AddHistoryAsync(Globex, 20, "others");
        await database.ExecuteAsync("ANALYZE jobs.job, jobs.finished");
        await using var connection = await database.App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var prepare = new NpgsqlCommand($"SELECT set_config('app.tenant_id', '{Globex}', true), {JobSearch.Planning}", connection, transaction))
            await prepare.ExecuteNonQueryAsync();
#pragma warning disable CA2100 // The library's own statements.
        await using (var prepare = new NpgsqlCommand("PREPARE figures AS " + UpkeepSql.Tenant, connection, transaction))
#pragma warning restore CA2100
            await prepare.ExecuteNonQueryAsync();
        await using var explain = new NpgsqlCommand(
            $"EXPLAIN EXECUTE figures ('{Globex}', '1 hour', '1 min', NULL, '{Guid.Empty}', 20000)", connection, transaction);
        await using var reader = await explain.ExecuteReaderAsync();
        var plan = "";
        while (await reader.ReadAsync())
            plan += reader.GetString(0) + "\n";

        Assert.Contains(" job_tenant ", plan, StringComparison.Ordinal);
        Assert.Contains("using finished_pkey on finished f", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Week_of_all_queues_minutes_is_read_within_the_commands_time()
    {
        await database.ExecuteAsync(
            """
            INSERT INTO jobs.statistics (minute, queue, wait_buckets, wait_counts, wait_seconds, run_buckets, run_counts, run_seconds)
            SELECT date_trunc('minute', now()) - make_interval(mins => m), 'week ' || q, b.buckets, b.counts, 1, b.buckets, b.counts, 1
            FROM generate_series(1, 10000) AS m, generate_series(1, 8) AS q,
                (SELECT array_agg(i::smallint) AS buckets, array_agg(5::bigint) AS counts FROM generate_series(80, 99) AS i) AS b
            """);

        var week = (await ReadAsync(IJobStatistics.MaxWindow)).Where(s => s.Queue.StartsWith("week", StringComparison.Ordinal)).ToList();

        Assert.Equal(8, week.Count);
        Assert.All(week, series => Assert.InRange(series.WaitMs!.Mean, 10, 10.001));
    }

    private Task AddHistoryAsync(TenantId tenant, int jobs, string queue = "history") => database.ExecuteAsync(
        """
        WITH made AS (
            SELECT s, now() - make_interval(secs => s) AS at, uuid_send(gen_random_uuid()) AS random FROM generate_series(1, $2) AS s
        ), ids AS (
            SELECT m.s, m.at, (lpad(to_hex((extract(epoch FROM m.at) * 1000)::bigint), 12, '0') || '7' || substr(encode(m.random, 'hex'), 14))::uuid AS id
            FROM made m
        ), records AS (
            INSERT INTO jobs.job (id, seq, tenant_id, timeout_seconds, retention_days, max_attempts, priority, type, queue, payload)
            SELECT id, -s, $1, 60, 7, 3, 50, 'x', $3, '{}' FROM ids
        )
        INSERT INTO jobs.finished (id, tenant_id, run_at, started_at, finished_at, attempt, worker, state)
        SELECT id, $1, at - make_interval(secs => 0.01 + s / 1000.0), at - make_interval(secs => s / 1000.0), at,
            CASE WHEN s % 10 = 0 THEN 2 ELSE 1 END, 1, CASE WHEN s % 10 = 0 THEN 'dead' ELSE 'succeeded' END
        FROM ids
        """,
        tenant.Value, jobs, queue);
}
