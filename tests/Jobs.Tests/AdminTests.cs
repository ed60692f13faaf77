using Npgsql;
using Platform.Jobs.Internal;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

public sealed class AdminTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private readonly JobAdmin _admin = new();

    /// <summary>Fails for good while <paramref name="broken"/> says so.</summary>
    private Task<WorkHost> StartAsync(Func<bool> broken) => WorkHost.StartAsync(database, (payload, _, _) =>
        payload is CarefulWork && broken() ? throw new PermanentJobException("broken") : Task.FromResult<object?>(null));

    [Fact]
    [Trait("Req", "F3")]
    public async Task RetryAsync_dead_head_runs_first_and_its_blocked_lane_goes_on()
    {
        var broken = true;
        await using var host = await StartAsync(() => broken);
        var lane = new JobOptions { Lane = "retry" };
        var head = await database.EnqueueAsync(Acme, new CarefulWork(1), lane);
        var behind = await database.EnqueueAsync(Acme, new Work(2), lane);
        await database.WaitForAsync(Acme, head, JobStates.Dead);

        broken = false;
        var others = await database.InTransactionAsync(Globex, transaction => _admin.RetryAsync(transaction, Globex, [head]));
        var retried = await database.InTransactionAsync(Acme, transaction => _admin.RetryAsync(transaction, Acme, [head]));
        var first = await database.WaitForAsync(Acme, head, JobStates.Succeeded);
        var second = await database.WaitForAsync(Acme, behind, JobStates.Succeeded);

        Assert.Empty(others);
        Assert.Equal([head], retried);
        Assert.True(second.StartedAt >= first.FinishedAt);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.blocked_lanes WHERE lane = 'retry'"));
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.attempts WHERE job_id = $1", head));
    }

    [Fact]
    [Trait("Req", "F3")]
    public async Task RetryAsync_begins_without_the_progress_of_the_last_run()
    {
        await using (var host = await WorkHost.StartAsync(database, async (_, context, token) =>
        {
            await context.ReportProgressAsync(7, 10, token);
            throw new PermanentJobException("broken");
        }))
        {
            await database.WaitForAsync(Acme, await database.EnqueueAsync(Acme, new Work(7)), JobStates.Dead);
        }

        var id = await database.ScalarAsync<Guid>("SELECT job_id FROM jobs.progress WHERE done = 7");
        await database.InTransactionAsync(Globex, transaction => _admin.RetryAsync(transaction, Globex, [id]));
        Assert.Equal(7, (await database.StatusAsync(Acme, id))!.Progress.Done);
        await database.InTransactionAsync(Acme, transaction => _admin.RetryAsync(transaction, Acme, [id]));

        Assert.Equal((JobStates.Available, new JobProgress(0, 0, 0)), ((await database.StatusAsync(Acme, id))!.State, (await database.StatusAsync(Acme, id))!.Progress));
        await database.ExecuteAsync("DELETE FROM jobs.pending WHERE id = $1", id);
    }

    [Fact]
    [Trait("Req", "F3")]
    public async Task DiscardAsync_dead_head_rests_and_its_blocked_lane_goes_on()
    {
        await using var host = await StartAsync(() => true);
        var lane = new JobOptions { Lane = "discard" };
        var head = await database.EnqueueAsync(Acme, new CarefulWork(1), lane);
        var behind = await database.EnqueueAsync(Acme, new Work(2), lane);
        await database.WaitForAsync(Acme, head, JobStates.Dead);

        var discarded = await database.InTransactionAsync(Acme, transaction => _admin.DiscardAsync(transaction, Acme, [head, behind]));

        Assert.Equal([head], discarded);
        await database.WaitForAsync(Acme, behind, JobStates.Succeeded);
        Assert.Equal(JobStates.Failed, (await database.StatusAsync(Acme, head))!.State);
    }

    [Fact]
    [Trait("Req", "F3")]
    public async Task RedriveAsync_retries_the_dead_of_one_type_up_to_the_limit()
    {
        var broken = true;
        await using var host = await StartAsync(() => broken);
        var ids = new List<Guid>();
        for (var n = 0; n < 4; n++)
            ids.Add(await database.EnqueueAsync(Globex, new CarefulWork(n)));
        foreach (var id in ids)
            await database.WaitForAsync(Globex, id, JobStates.Dead);

        broken = false;
        var none = await database.InTransactionAsync(Globex, t => _admin.RedriveAsync(t, Globex, null, "test.work", 10));
        var some = await database.InTransactionAsync(Globex, t => _admin.RedriveAsync(t, Globex, "work", "test.careful", 3));

        Assert.Empty(none);
        Assert.Equal(3, some.Count);
        foreach (var id in some)
            await database.WaitForAsync(Globex, id, JobStates.Succeeded);
        Assert.Equal(JobStates.Dead, (await database.StatusAsync(Globex, ids.Single(id => !some.Contains(id))))!.State);
    }

    [Fact]
    [Trait("Req", "F3")]
    public async Task RetryAsync_job_whose_unique_key_is_taken_by_now_runs_without_it()
    {
        var broken = true;
        await using var host = await StartAsync(() => broken);
        var first = await database.EnqueueAsync(Acme, new CarefulWork(1), new JobOptions { UniqueKey = "taken" });
        await database.WaitForAsync(Acme, first, JobStates.Dead);
        var second = await database.EnqueueAsync(Acme, new CarefulWork(2), new JobOptions { UniqueKey = "taken", Delay = TimeSpan.FromHours(1) });

        broken = false;
        await database.InTransactionAsync(Acme, transaction => _admin.RetryAsync(transaction, Acme, [first]));

        await database.WaitForAsync(Acme, first, JobStates.Succeeded);
        Assert.Equal(JobStates.Scheduled, (await database.StatusAsync(Acme, second))!.State);
    }

    [Fact]
    [Trait("Req", "F2")]
    public async Task PauseAsync_holds_a_queue_until_ResumeAsync_and_is_not_a_tenants_to_call()
    {
        await using var host = await WorkHost.StartAsync(database, (_, _, _) => Task.FromResult<object?>(null), options =>
        {
            options.Queues["held"] = new JobQueueOptions();
            options.PollInterval = TimeSpan.FromMinutes(1);
        });
        await using var engine = NpgsqlDataSource.Create(database.QueueConnectionString);
        await InTransactionAsync(engine, transaction => _admin.PauseAsync(transaction, "held"));
        var held = await database.EnqueueAsync(Acme, new Work(1), new JobOptions { Queue = "held" });
        var other = await database.EnqueueAsync(Acme, new Work(2));
        await database.WaitForAsync(Acme, other, JobStates.Succeeded);
        Assert.Equal(JobStates.Available, (await database.StatusAsync(Acme, held))!.State);

        await InTransactionAsync(engine, transaction => _admin.ResumeAsync(transaction, "held"));

        await database.WaitForAsync(Acme, held, JobStates.Succeeded);
        await Assert.ThrowsAsync<PostgresException>(() => InTransactionAsync(database.App, transaction => _admin.PauseAsync(transaction, "held")));
    }

    private static async Task InTransactionAsync(NpgsqlDataSource source, Func<NpgsqlTransaction, Task> work)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await work(transaction);
        await transaction.CommitAsync();
    }
}
