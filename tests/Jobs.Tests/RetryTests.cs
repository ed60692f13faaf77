using Npgsql;
using Platform.Jobs.Engine;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

public sealed class RetryTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    [Fact]
    [Trait("Req", "F3")]
    public async Task Handler_that_fails_twice_is_run_a_third_time_and_succeeds()
    {
        await using var host = await WorkHost.StartAsync(database, (_, context, _) =>
            context.Attempt < 3 ? throw new InvalidOperationException($"secret {context.Attempt}") : Task.FromResult<object?>("done"));

        var id = await database.EnqueueAsync(Acme, new Work(1));
        var status = await database.WaitForAsync(Acme, id, JobStates.Succeeded);

        Assert.Equal(3, status.Attempts);
        Assert.Null(status.Error);
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.attempts WHERE job_id = $1", id));
    }

    [Fact]
    [Trait("Req", "F3")]
    public async Task Handler_that_always_fails_ends_as_dead_with_every_attempts_error()
    {
        await using var host = await WorkHost.StartAsync(
            database, (_, context, _) => throw new InvalidOperationException($"secret {context.Attempt}"));

        var id = await database.EnqueueAsync(Acme, new Work(1));
        var status = await database.WaitForAsync(Acme, id, JobStates.Dead);

        Assert.Equal(3, status.Attempts);
        Assert.Equal("The attempt failed (InvalidOperationException).", status.Error);
        Assert.Equal("1,2,3", await database.ScalarAsync<string>(
            "SELECT string_agg(attempt::text, ',' ORDER BY attempt) FROM jobs.attempts WHERE job_id = $1 AND detail LIKE '%secret ' || attempt || '%'", id));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.pending WHERE id = $1", id));
    }

    [Fact]
    [Trait("Req", "F3")]
    public async Task Failed_attempt_waits_for_the_back_off_by_the_databases_clock()
    {
        await using var host = await WorkHost.StartAsync(database, (_, _, _) => throw new InvalidOperationException("no"));

        var id = await database.EnqueueAsync(Acme, new PatientWork(1));
        var status = await database.WaitForAsync(Acme, id, JobStates.Retrying);

        Assert.Equal(1, status.Attempts);
        Assert.NotNull(status.Error);
        var wait = await database.ScalarAsync<decimal>(
            "SELECT extract(epoch FROM p.run_at - a.finished_at) FROM jobs.pending p JOIN jobs.attempts a ON a.job_id = p.id WHERE p.id = $1", id);
        Assert.InRange(wait, 75m, 125.1m);
    }

    [Theory]
    [InlineData(1, 1.5, 2.5)]
    [InlineData(2, 3, 5)]
    [InlineData(3, 6, 10)]
    [InlineData(60, 2700, 4500)]
    [Trait("Req", "F3")]
    public void Delay_doubles_with_each_attempt_up_to_an_hour(int attempt, double least, double most)
    {
        for (var i = 0; i < 100; i++)
            Assert.InRange(Backoff.Delay(2, attempt).TotalSeconds, least, most);
    }

    [Fact]
    [Trait("Req", "F3")]
    public async Task Permanent_failure_is_dead_at_once()
    {
        await using var host = await WorkHost.StartAsync(database, (_, _, _) => throw new PermanentJobException("It can't be done."));

        var id = await database.EnqueueAsync(Acme, new Work(1));
        var status = await database.WaitForAsync(Acme, id, JobStates.Dead);

        Assert.Equal(1, status.Attempts);
        Assert.Equal("It can't be done.", status.Error);
    }

    [Fact]
    [Trait("Req", "F3")]
    public async Task Snoozed_job_runs_again_without_having_used_an_attempt()
    {
        var runs = 0;
        await using var host = await WorkHost.StartAsync(database, (_, context, _) => Interlocked.Increment(ref runs) <= 5
            ? throw new SnoozeJobException(TimeSpan.FromMilliseconds(10))
            : Task.FromResult<object?>(context.Attempt));

        var id = await database.EnqueueAsync(Acme, new Work(1));
        var status = await database.WaitForAsync(Acme, id, JobStates.Succeeded);

        Assert.Equal(6, runs);
        Assert.Equal(1, status.Attempts);
    }

    [Fact]
    [Trait("Req", "F3")]
    public async Task Unknown_type_and_unreadable_payload_are_dead_with_a_clear_reason_and_the_queue_goes_on()
    {
        await using var host = await WorkHost.StartAsync(database, (_, _, _) => Task.FromResult<object?>(null));

        var unknown = await database.EnqueueAsync(Acme, new UnknownWork(1));
        var unreadable = await EnqueueSpoiledAsync("""{"number": "many"}""");
        var ofAnotherVersion = await EnqueueSpoiledAsync("""{"count": 1, "name": "x"}""");
        var ofNothing = await EnqueueSpoiledAsync("{}");
        var fine = await database.EnqueueAsync(Acme, new Work(2));

        Assert.Contains("'test.unknown'", (await database.WaitForAsync(Acme, unknown, JobStates.Dead)).Error, StringComparison.Ordinal);
        Assert.Contains("$.number", (await database.WaitForAsync(Acme, unreadable, JobStates.Dead)).Error, StringComparison.Ordinal);
        Assert.Contains("without number", (await database.WaitForAsync(Acme, ofAnotherVersion, JobStates.Dead)).Error, StringComparison.Ordinal);
        Assert.Contains("without number", (await database.WaitForAsync(Acme, ofNothing, JobStates.Dead)).Error, StringComparison.Ordinal);
        await database.WaitForAsync(Acme, fine, JobStates.Succeeded);
    }

    [Fact]
    [Trait("Req", "F3")]
    public async Task Handler_that_takes_too_long_is_stopped_and_one_that_ignores_it_is_left_behind()
    {
        using var never = new ManualResetEventSlim();
        await using var host = await WorkHost.StartAsync(
            database,
            async (payload, _, token) =>
            {
                if (((BriefWork)payload).Number == 1)
                    await Task.Delay(Timeout.Infinite, token);
                never.Wait(CancellationToken.None);
                return null;
            },
            options =>
            {
                options.Queues["work"] = new JobQueueOptions { Concurrency = 1 };
                options.Abandon = TimeSpan.FromMilliseconds(300);
            });

        // One place only: the second can run only when the first was stopped, the third when the second was left behind.
        var polite = await database.EnqueueAsync(Acme, new BriefWork(1));
        var deaf = await database.EnqueueAsync(Acme, new BriefWork(2));
        var last = await database.EnqueueAsync(Acme, new BriefWork(1));

        Assert.Contains("longer than 1 s", (await database.WaitForAsync(Acme, polite, JobStates.Dead)).Error, StringComparison.Ordinal);
        Assert.Contains("longer than 1 s", (await database.WaitForAsync(Acme, deaf, JobStates.Dead)).Error, StringComparison.Ordinal);
        await database.WaitForAsync(Acme, last, JobStates.Dead);
        never.Set();
    }

    [Fact]
    [Trait("Req", "F3")]
    public async Task Result_that_cannot_be_stored_makes_the_job_dead_and_the_queue_goes_on()
    {
        await using var host = await WorkHost.StartAsync(database, (payload, _, _) =>
            Task.FromResult<object?>(((Work)payload).Number == 1 ? new { text = new string('x', 10) + "\uD800" } : null));

        var odd = await database.EnqueueAsync(Acme, new Work(1));
        var fine = await database.EnqueueAsync(Acme, new Work(2));

        await database.WaitForAsync(Acme, fine, JobStates.Succeeded);
        await Testing.Eventually.TrueAsync(async () => JobStates.IsFinished((await database.StatusAsync(Acme, odd))!.State));
    }

    private Task<Guid> EnqueueSpoiledAsync(string payload) => database.InTransactionAsync(Acme, async transaction =>
    {
        var id = await database.Queue.EnqueueAsync(transaction, Acme, new Work(1));
        await using var spoil = new NpgsqlCommand("UPDATE jobs.job SET payload = $2::json WHERE id = $1", transaction.Connection, transaction);
        spoil.Parameters.AddWithValue(id);
        spoil.Parameters.AddWithValue(payload);
        await spoil.ExecuteNonQueryAsync();
        return id;
    });
}
