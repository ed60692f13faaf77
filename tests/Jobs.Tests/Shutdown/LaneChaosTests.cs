using Platform.Testing;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests.Shutdown;

/// <summary>The bench "jobs chaos" has a thousand lanes of a hundred steps and more.</summary>
[Trait("Req", "F5")]
[Trait("Req", "F4")]
public sealed class LaneChaosTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private const int Lanes = 30, Steps = 40;

    [Fact]
    public async Task Every_lane_completes_all_its_steps_in_order_though_workers_are_killed_and_stopped()
    {
        for (var lane = 0; lane < Lanes; lane++)
        {
            var options = new JobOptions { Lane = $"lane {lane}" };
            await database.InTransactionAsync(Acme, async transaction =>
            {
                for (var n = 0; n < Steps; n++)
                    await database.Queue.EnqueueAsync(transaction, Acme, new LaneStep(n), options);
                return true;
            });
        }

        await using var killed = WorkerProgram.Start(database);
        await using var stopped = WorkerProgram.Start(database);
        await WaitForAsync(Lanes * Steps / 4);
        await killed.KillAsync();
        await using var last = WorkerProgram.Start(database);
        await WaitForAsync(Lanes * Steps / 2);
        await stopped.TerminateAsync(WorkerProgram.Grace);
        await WaitForAsync(Lanes * Steps);

        Assert.Equal($"{Lanes} lanes of {Steps}", await database.ScalarAsync<string>(
            """
            SELECT string_agg(format('%s lanes of %s', lanes, steps), ', ') FROM (
                SELECT count(*) AS lanes, steps FROM (
                    SELECT count(*) AS steps FROM jobs.job j JOIN jobs.finished f ON f.id = j.id AND f.state = 'succeeded' GROUP BY j.lane) l
                GROUP BY steps) s
            """));
        Assert.Equal(0, await database.ScalarAsync<long>(
            """
            SELECT count(*) FROM (
                SELECT f.started_at, lag(f.finished_at) OVER (PARTITION BY j.lane ORDER BY (j.payload ->> 'number')::int) AS before
                FROM jobs.job j JOIN jobs.finished f ON f.id = j.id) s
            WHERE started_at < before
            """));
        Assert.True(await database.ScalarAsync<long>("SELECT count(*) FROM jobs.attempts WHERE error = 'The worker was lost.'") > 0, "Nobody was killed at work.");
    }

    private Task WaitForAsync(int done) => Eventually.TrueAsync(
        async () => await database.ScalarAsync<long>("SELECT count(*) FROM jobs.finished") >= done, TimeSpan.FromSeconds(40), $"{done} steps were never done.");
}
