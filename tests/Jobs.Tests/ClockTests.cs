using Microsoft.Extensions.DependencyInjection;
using Platform.Jobs.Schedules;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

[Trait("Req", "F4")]
public sealed class ClockTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    private Task<WorkHost> StartAsync(TimeSpan offset, WorkHost.Handler handler) => WorkHost.StartAsync(
        database,
        handler,
        options =>
        {
            options.Lease = Lease;
            options.Heartbeat = Lease / 10;
            options.MaintenanceInterval = TimeSpan.FromMilliseconds(100);
            options.LeaderLease = TimeSpan.FromSeconds(1);
            options.PollInterval = TimeSpan.FromMilliseconds(100);
        },
        build: builder => builder.Services.AddSingleton<TimeProvider>(new ShiftedClock(offset)));

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Worker_an_hour_off_keeps_delays_retries_and_recorded_times_right(int hours)
    {
        var tenant = hours > 0 ? Acme : Globex;
        await using var host = await StartAsync(TimeSpan.FromHours(hours), (_, context, _) =>
            context.Attempt == 1 ? throw new InvalidOperationException("The first attempt fails.") : Task.FromResult<object?>(null));

        var id = await database.EnqueueAsync(tenant, new Work(1), new JobOptions { Delay = TimeSpan.FromSeconds(1) });
        var status = await database.WaitForAsync(tenant, id, JobStates.Succeeded);

        Assert.Equal(2, status.Attempts);
        // The delay begins a moment before the row's creation is noted.
        Assert.True(await database.ScalarAsync<bool>(
            """
            SELECT a.started_at >= j.created_at + interval '0.8 s' AND f.started_at > a.finished_at
                AND f.finished_at BETWEEN clock_timestamp() - interval '1 min' AND clock_timestamp()
            FROM jobs.job j JOIN jobs.attempts a ON a.job_id = j.id JOIN jobs.finished f ON f.id = j.id WHERE j.id = $1
            """, id));
    }

    [Fact]
    public async Task Worker_an_hour_ahead_leaves_others_their_jobs_and_keeps_its_own()
    {
        var starts = 0;
        WorkHost.Handler slow = async (payload, _, token) =>
        {
            // What other tests have left waiting isn't counted.
            if (((Work)payload).Name != "slow")
                return null;
            Interlocked.Increment(ref starts);
            await Task.Delay(Lease * 1.5, token);
            return null;
        };
        await using var right = await StartAsync(TimeSpan.Zero, slow);
        await using var ahead = await StartAsync(TimeSpan.FromHours(1), slow);

        var ids = await database.EnqueueManyAsync(Acme, Enumerable.Range(0, 12).Select(n => new Work(n, "slow")).ToArray());
        foreach (var id in ids)
            Assert.Equal(1, (await database.WaitForAsync(Acme, id, JobStates.Succeeded)).Attempts);

        Assert.Equal(ids.Count, starts);
    }

    [Fact]
    public async Task Leader_an_hour_ahead_fires_schedules_when_they_are_due()
    {
        var schedules = new JobSchedules();
        var schedule = await database.InTransactionAsync(
            Acme, t => schedules.CreateAsync(t, Acme, "hourly", CronSchedule.Parse("@hourly"), new Work(1, "hourly")));
        await using var host = await StartAsync(TimeSpan.FromHours(1), (_, _, _) => Task.FromResult<object?>(null));
        var marker = await database.InTransactionAsync(
            Acme, t => schedules.CreateAsync(t, Acme, "marker", CronSchedule.Parse("@hourly"), new Work(2, "marker")));
        await database.ExecuteAsync("UPDATE jobs.schedules SET next_due = clock_timestamp() WHERE id = $1", marker.Id);

        // By the leader's own clock both are due.
        await Testing.Eventually.TrueAsync(async () => await RunsAsync(marker.Id) == 1);
        Assert.Equal(0, await RunsAsync(schedule.Id));

        Task<long> RunsAsync(Guid id) => database.ScalarAsync<long>("SELECT count(*) FROM jobs.schedule_runs WHERE schedule_id = $1", id);
    }
}
