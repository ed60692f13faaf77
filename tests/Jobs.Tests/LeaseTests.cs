using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Jobs.Engine;
using Platform.Jobs.Internal;
using Platform.Testing;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

public sealed class LeaseTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private static void ShortLease(JobWorkerOptions options)
    {
        options.Lease = TimeSpan.FromSeconds(1);
        options.Heartbeat = TimeSpan.FromMilliseconds(200);
        options.MaintenanceInterval = TimeSpan.FromMilliseconds(100);
    }

    /// <summary>What a worker leaves that was killed right after it had claimed the job.</summary>
    private async Task<int> ClaimAndDieAsync(Guid id)
    {
        await database.ExecuteAsync("INSERT INTO jobs.workers (name, queues, expires_at) VALUES ('dead', '{work}', clock_timestamp() + interval '500 ms')");
        var worker = await database.ScalarAsync<int>("SELECT max(id) FROM jobs.workers");
        await database.ExecuteAsync(
            "UPDATE jobs.pending SET worker = $2, attempt = attempt + 1, started_at = clock_timestamp() WHERE id = $1", id, worker);
        return worker;
    }

    [Fact]
    [Trait("Req", "F4")]
    public async Task Job_of_a_lost_worker_is_taken_over()
    {
        var id = await database.EnqueueAsync(Acme, new Work(1));
        await ClaimAndDieAsync(id);
        Assert.Equal(JobStates.Running, (await database.StatusAsync(Acme, id))!.State);

        await using var host = await WorkHost.StartAsync(database, (_, _, _) => Task.FromResult<object?>("done"), ShortLease);
        var status = await database.WaitForAsync(Acme, id, JobStates.Succeeded);

        Assert.Equal(2, status.Attempts);
        Assert.Equal("The worker was lost.", await database.ScalarAsync<string>("SELECT error FROM jobs.attempts WHERE job_id = $1", id));
    }

    [Fact]
    [Trait("Req", "F4")]
    public async Task Lost_worker_is_forgotten_with_its_jobs_rescued_and_not_while_a_claim_of_it_is_under_way()
    {
        var id = await database.EnqueueAsync(Acme, new Work(1));
        var lost = await ClaimAndDieAsync(id);
        await using var claim = await database.Admin.OpenConnectionAsync();
        await using var underWay = await claim.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand(JobSql.LockWorker, claim, underWay))
        {
            hold.Parameters.AddWithValue((long)lost);
            await hold.ExecuteNonQueryAsync();
        }

        await using var host = await WorkHost.StartAsync(database, (_, _, _) => Task.FromResult<object?>(null), ShortLease);
        await database.WaitForAsync(Acme, id, JobStates.Succeeded);

        // The claim comes late, with another job: that is rescued, too.
        Assert.Equal(1L, await WorkersAsync());
        var late = await database.EnqueueAsync(Acme, new Work(2), new JobOptions { Queue = "late" });
        await using (var take = new NpgsqlCommand(
            "UPDATE jobs.pending SET worker = $2, attempt = 1, started_at = clock_timestamp() WHERE id = $1", claim, underWay))
        {
            take.Parameters.AddWithValue(late);
            take.Parameters.AddWithValue(lost);
            await take.ExecuteNonQueryAsync();
        }

        await underWay.CommitAsync();
        await Testing.Eventually.TrueAsync(async () => await WorkersAsync() == 0);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.pending WHERE id = $1 AND worker IS NULL", late));

        Task<long> WorkersAsync() => database.ScalarAsync<long>("SELECT count(*) FROM jobs.workers WHERE id = $1", lost);
    }

    [Fact]
    [Trait("Req", "F4")]
    public async Task Job_whose_last_attempt_lost_its_worker_is_dead()
    {
        var id = await database.EnqueueAsync(Acme, new Work(1), new JobOptions { MaxAttempts = 1 });
        await ClaimAndDieAsync(id);

        await using var host = await WorkHost.StartAsync(database, (_, _, _) => Task.FromResult<object?>(null), ShortLease);

        Assert.Equal("The worker was lost.", (await database.WaitForAsync(Acme, id, JobStates.Dead)).Error);
    }

    [Fact]
    [Trait("Req", "F4")]
    public async Task Late_worker_cannot_complete_what_was_taken_over()
    {
        using var firstMayEnd = new SemaphoreSlim(0);
        var started = 0;
        var late = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        WorkHost.Handler handler = async (_, context, token) =>
        {
            if (Interlocked.Increment(ref started) == 1)
            {
                // Deaf to its token, as code stuck in a long call is.
                await firstMayEnd.WaitAsync(CancellationToken.None);
                late.SetResult("late");
                return "late";
            }

            return "in time";
        };

        await using var first = await WorkHost.StartAsync(database, handler, options =>
        {
            options.Lease = TimeSpan.FromSeconds(30);
            options.Heartbeat = TimeSpan.FromSeconds(10);
            options.MaintenanceInterval = TimeSpan.FromMinutes(1);
        });
        var id = await database.EnqueueAsync(Acme, new Work(1));
        await Testing.Eventually.TrueAsync(() => Volatile.Read(ref started) == 1);

        // The first worker is cut off: by the database's clock its lease is over.
        await database.ExecuteAsync("UPDATE jobs.workers SET expires_at = clock_timestamp() - interval '1 s'");
        await using var second = await WorkHost.StartAsync(database, handler, ShortLease);
        await database.WaitForAsync(Acme, id, JobStates.Succeeded);
        firstMayEnd.Release();
        await late.Task;
        await first.StopAsync();

        var status = await database.StatusAsync(Acme, id);
        Assert.Equal("in time", status!.Result!.Value.GetString());
        Assert.Equal(2, status.Attempts);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.finished WHERE id = $1", id));
    }

    [Fact]
    [Trait("Req", "F4")]
    public async Task Worker_that_lost_its_lease_stops_its_jobs_and_works_on_under_a_new_one()
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await WorkHost.StartAsync(
            database,
            async (payload, context, token) =>
            {
                if (context.Attempt > 1 || ((Work)payload).Number != 7)
                    return null;
                try
                {
                    await Task.Delay(Timeout.Infinite, token);
                }
                finally
                {
                    stopped.SetResult();
                }

                return null;
            },
            ShortLease);
        var id = await database.EnqueueAsync(Acme, new Work(7));
        await database.WaitForAsync(Acme, id, JobStates.Running);

        await database.ExecuteAsync("UPDATE jobs.workers SET expires_at = clock_timestamp() - interval '1 s'");

        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(10));
        var status = await database.WaitForAsync(Acme, id, JobStates.Succeeded);
        Assert.Equal(2, status.Attempts);
    }

    [Fact]
    [Trait("Req", "F4")]
    public async Task Statements_of_a_stale_attempt_change_nothing()
    {
        var id = await database.EnqueueAsync(Acme, new Work(1), new JobOptions { Queue = "nobody" });
        var worker = await ClaimAndDieAsync(id);
        var seq = await database.ScalarAsync<long>("SELECT seq FROM jobs.pending WHERE id = $1", id);
        await database.ExecuteAsync("UPDATE jobs.pending SET attempt = 2 WHERE id = $1", id);

        await using var engine = NpgsqlDataSource.Create(database.QueueConnectionString);
        await using var progress = engine.CreateCommand(JobSql.Progress);
        foreach (var value in (object[])[worker, seq, (short)1, 5L, 10L])
            progress.Parameters.AddWithValue(value);
        Assert.Equal(0, await progress.ExecuteNonQueryAsync());

        Assert.Equal(JobStates.Running, (await database.StatusAsync(Acme, id))!.State);
        Assert.Equal(0, (await database.StatusAsync(Acme, id))!.Progress.Done);
    }

    [Fact]
    [Trait("Req", "F4")]
    public async Task Jobs_of_a_claim_whose_answer_was_lost_are_put_back()
    {
        await using var host = await WorkHost.StartAsync(database, (_, _, _) => Task.FromResult<object?>(null));
        var known = await database.EnqueueAsync(Acme, new Work(1));
        await database.WaitForAsync(Acme, known, JobStates.Succeeded);
        var worker = await database.ScalarAsync<int>("SELECT max(id) FROM jobs.workers");

        // What such a claim leaves: a row that is this worker's, though it knows nothing of it. Then its connections break.
        var lost = await database.EnqueueAsync(Acme, new Work(2), new JobOptions { Queue = "elsewhere" });
        await database.ExecuteAsync(
            "UPDATE jobs.pending SET worker = $2, attempt = 1, started_at = clock_timestamp() WHERE id = $1", lost, worker);
        await database.ExecuteAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'platform-jobs'");

        var status = await database.WaitForAsync(Acme, lost, JobStates.Available);
        Assert.Equal(0, status.Attempts);
        var after = await database.EnqueueAsync(Acme, new Work(3));
        await database.WaitForAsync(Acme, after, JobStates.Succeeded);
    }

    [Fact]
    [Trait("Req", "F4")]
    public async Task Lease_whose_renewal_hangs_is_over_when_others_may_take_the_jobs()
    {
        var server = await PostgresServer.GetAsync();
        await using var proxy = new Proxy(server.Port);
        var stopped = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = Stopwatch.StartNew();
        await using var host = await WorkHost.StartAsync(
            database,
            async (_, _, token) =>
            {
                using var registration = token.Register(() => stopped.TrySetResult(held.Elapsed));
                await stopped.Task;
                return null;
            },
            options =>
            {
                ShortLease(options);
                options.Lease = TimeSpan.FromSeconds(2);
                options.CommandTimeout = TimeSpan.FromSeconds(30);
                options.ConnectionString =
                    new NpgsqlConnectionStringBuilder(database.QueueConnectionString) { Port = proxy.Port }.ConnectionString;
            });
        var id = await database.EnqueueAsync(Acme, new Work(1));
        await database.WaitForAsync(Acme, id, JobStates.Running);

        held.Restart();
        proxy.Hold();

        Assert.InRange(await stopped.Task.WaitAsync(TimeSpan.FromSeconds(10)), TimeSpan.Zero, TimeSpan.FromSeconds(4));
        proxy.Release();
        await database.WaitForAsync(Acme, id, JobStates.Succeeded, TimeSpan.FromSeconds(30));
    }

    [Fact]
    [Trait("Req", "F4")]
    public async Task Job_claimed_under_a_lost_lease_is_not_started()
    {
        var ran = 0;
        await using var host = await WorkHost.StartAsync(database, (_, _, _) =>
        {
            Interlocked.Increment(ref ran);
            return Task.FromResult<object?>(null);
        });
        var runner = host.Services.GetRequiredService<JobRunner>();
        var worker = await host.Services.GetRequiredService<WorkerLease>().HoldAsync(CancellationToken.None);
        ClaimedJob Claimed(int by) => new(
            1, Guid.CreateVersion7(), Acme, "work", 1, "lane", 0, "test.work", 3, 60, false, null, """{"number":1}"""u8.ToArray(), false, by);

        Assert.True(await runner.RunAsync(Claimed(worker - 1)));
        Assert.Equal(0, ran);

        Assert.True(await runner.RunAsync(Claimed(worker)));
        Assert.Equal(1, ran);
    }
}
