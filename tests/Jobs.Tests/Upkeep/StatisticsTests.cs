using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Jobs.Engine;
using Platform.Jobs.Upkeep;
using Platform.Testing;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests.Upkeep;

[Trait("Req", "F8")]
public sealed class StatisticsTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private readonly JobStatistics _statistics = new(TimeProvider.System);

    private async Task<JobQueueSeries?> ReadAsync(string queue, TimeSpan? window = null, int points = 60)
    {
        await using var connection = await database.App.OpenConnectionAsync();
        return (await _statistics.ReadAsync(connection, window ?? TimeSpan.FromMinutes(5), queue, points)).SingleOrDefault();
    }

    [Fact]
    public async Task What_ends_is_counted_by_outcome()
    {
        await using (var host = await WorkHost.StartAsync(
            database,
            (payload, _, _) => ((Work)payload).Number < 0 ? throw new InvalidOperationException("no") : Task.FromResult<object?>(null),
            options =>
            {
                options.MaintenanceInterval = TimeSpan.FromMilliseconds(100);
                options.Queues["counted"] = new JobQueueOptions();
            }))
        {
            using var measured = new Measurements(host);
            var waiting = await database.EnqueueAsync(Acme, new Work(9), new JobOptions { Queue = "counted", Delay = TimeSpan.FromHours(1) });
            for (var i = 0; i < 3; i++)
                await database.EnqueueAsync(Acme, new Work(i), new JobOptions { Queue = "counted" });
            var dead = await database.EnqueueAsync(Acme, new Work(-1), new JobOptions { Queue = "counted", MaxAttempts = 2 });
            await database.CancelAsync(Acme, waiting);
            await database.WaitForAsync(Acme, dead, JobStates.Dead);
            await database.WaitForAsync(Acme, waiting, JobStates.Cancelled);
            await Eventually.TrueAsync(() => measured["queue_jobs_total{counted,cancelled}"] == 1 && measured["queue_jobs_total{counted,succeeded}"] == 3);
            Assert.Equal(1, measured["queue_jobs_total{counted,dead}"]);
            Assert.Equal(1, measured["queue_jobs_total{counted,retrying}"]);
            Assert.Equal(5, measured["queue_run_duration_seconds{counted}"]);
            Assert.Equal(5, measured["queue_wait_duration_seconds{counted}"]);
        }

        // Whatever was not stored yet is when the host stops.
        var samples = (await ReadAsync("counted"))!.Samples;
        Assert.Equal(
            (3L, 2L, 1L, 1L),
            (samples.Sum(s => s.Completed), samples.Sum(s => s.Failed), samples.Sum(s => s.Dead), samples.Sum(s => s.Cancelled)));
    }

    [Fact]
    public async Task Leader_measures_what_waits_and_tells_it_in_the_metrics()
    {
        for (var i = 0; i < 4; i++)
            await database.EnqueueAsync(Acme, new Work(i), new JobOptions { Queue = "unserved" });
        await database.ExecuteAsync("UPDATE jobs.pending SET run_at = run_at - interval '90 s' WHERE queue = 'unserved'");
        var careful = await database.EnqueueAsync(Acme, new CarefulWork(1), new JobOptions { Lane = "careful" });
        await using var host = await WorkHost.StartAsync(
            database, (_, _, _) => throw new InvalidOperationException("no"), options => options.Queues["idle"] = new JobQueueOptions());
        await database.WaitForAsync(Acme, careful, JobStates.Dead);
        using var measured = new Measurements(host);
        await Eventually.TrueAsync(() => measured["queue_depth{unserved}"] == 4);
        await host.Services.GetServices<LeaderDuty>().OfType<QueueMeasurer>().Single().MeasureAsync(CancellationToken.None);

        Assert.InRange(measured["queue_oldest_age_seconds{unserved}"], 90, 120);
        Assert.Equal(1, measured["queue_lanes_blocked{work}"]);
        Assert.Equal(0, measured["queue_depth{idle}"]);
        Assert.Equal(0, measured["queue_running{unserved}"]);
        var sample = (await ReadAsync("unserved"))!.Samples[^1];
        Assert.Equal((4L, 0L), (sample.Depth, sample.Running));
        Assert.InRange(sample.OldestSeconds!.Value, 90, 120);
    }

    [Fact]
    public async Task Series_has_the_peaks_and_sums_of_longer_samples()
    {
        await database.ExecuteAsync(
            """
            INSERT INTO jobs.statistics (minute, queue, depth, running, oldest_seconds, completed, failed, dead, cancelled)
            SELECT date_trunc('minute', now()) - make_interval(mins => m), 'series', m, 1, m / 2.0, 10, 2, 1, 3 FROM generate_series(0, 2999) AS m
            """);

        var minutes = (await ReadAsync("series", TimeSpan.FromMinutes(30)))!;
        Assert.Equal((TimeSpan.FromMinutes(1), 31), (minutes.Step, minutes.Samples.Count));
        Assert.Equal(0, minutes.Samples[^1].Depth);
        var days = (await ReadAsync("series", TimeSpan.FromDays(1), 24))!;
        Assert.Equal((TimeSpan.FromHours(1), 25), (days.Step, days.Samples.Count));
        Assert.All(days.Samples.Skip(1).SkipLast(1), s => Assert.Equal((600L, 120L, 60L, 180L), (s.Completed, s.Failed, s.Dead, s.Cancelled)));
        Assert.Equal(59, days.Samples[1].Depth - days.Samples[2].Depth - 1);
        var all = (await ReadAsync("series", TimeSpan.FromDays(1000), 1_000_000))!;
        Assert.InRange(all.Samples.Count, 1, 1001);
        Assert.Equal(30_000, all.Samples.Sum(s => s.Completed));
        Assert.Null(await ReadAsync("nowhere"));
    }

    [Fact]
    public async Task Figures_are_kept_for_a_week_and_no_service_writes_them()
    {
        await database.ExecuteAsync(
            "INSERT INTO jobs.statistics (minute, queue) SELECT now() - i, 'old' FROM unnest(ARRAY[interval '6 days', interval '8 days']) AS i");
        await using var host = await WorkHost.StartAsync(database, (_, _, _) => Task.FromResult<object?>(null));

        await Eventually.TrueAsync(async () => await database.ScalarAsync<long>("SELECT count(*) FROM jobs.statistics WHERE queue = 'old'") == 1);
        await using var write = database.App.CreateCommand("DELETE FROM jobs.statistics");
        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => write.ExecuteNonQueryAsync())).SqlState);
    }
}
