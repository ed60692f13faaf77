using System.Collections.Concurrent;
using Platform.Jobs.Internal;
using Platform.Testing;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

[Trait("Req", "F2")]
public sealed class BatchTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private readonly JobAdmin _admin = new();
    private readonly JobSearch _search = new();
    private readonly ConcurrentQueue<(Guid Job, JobBatch Batch)> _completed = new();

    [Fact]
    public async Task Completion_runs_once_when_all_members_have_ended_with_their_counts()
    {
        await using var host = await StartAsync((work, _) => work.Number == 3 ? throw new PermanentJobException("broken") : Task.CompletedTask);
        var batch = await EnqueueAsync(Acme, 10);

        await database.WaitForAsync(Acme, batch.CompletionId, JobStates.Succeeded);

        var (job, seen) = Assert.Single(_completed);
        Assert.Equal(batch.CompletionId, job);
        Assert.Equal((10, 0, 9, 1, 0), Counts(seen));
        Assert.Equal(10, batch.Members.Count);
        var status = await _search.GetBatchAsync(database.App, Acme, batch.Id);
        Assert.Equal(seen, status);
        Assert.NotNull(status!.FinishedAt);
        Assert.Null(await _search.GetBatchAsync(database.App, Globex, batch.Id));
    }

    [Fact]
    public async Task Completion_waits_for_the_last_member()
    {
        var gate = new TaskCompletionSource();
        await using var host = await StartAsync((work, token) => work.Number == 0 ? gate.Task.WaitAsync(token) : Task.CompletedTask);
        var batch = await EnqueueAsync(Acme, 5);
        await Eventually.TrueAsync(async () => (await _search.GetBatchAsync(database.App, Acme, batch.Id))!.Open == 1, null, "One was to stay.");

        Assert.Equal(JobStates.Scheduled, (await database.StatusAsync(Acme, batch.CompletionId))!.State);
        Assert.Null((await _search.GetDetailAsync(database.App, Acme, batch.CompletionId))!.RunAt);
        gate.SetResult();
        await database.WaitForAsync(Acme, batch.CompletionId, JobStates.Succeeded);
    }

    [Fact]
    public async Task Batch_without_members_completes_at_once()
    {
        await using var host = await StartAsync((_, _) => Task.CompletedTask);
        var batch = await EnqueueAsync(Acme, 0);

        await database.WaitForAsync(Acme, batch.CompletionId, JobStates.Succeeded);

        Assert.Equal((0, 0, 0, 0, 0), Counts(Assert.Single(_completed).Batch));
    }

    [Fact]
    public async Task Batch_that_is_rolled_back_never_was()
    {
        EnqueuedBatch? batch = null;
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.InTransactionAsync<int>(Acme, async transaction =>
        {
            batch = await database.Queue.EnqueueBatchAsync(transaction, Acme, [new Work(1)], new Completion("x"));
            throw new InvalidOperationException();
        }));

        Assert.Null(await _search.GetBatchAsync(database.App, Acme, batch!.Id));
        Assert.Null(await database.StatusAsync(Acme, batch.CompletionId));
    }

    [Fact]
    public async Task CancelBatchAsync_ends_waiting_and_running_members_and_completion_sees_it()
    {
        var running = new TaskCompletionSource();
        await using var host = await StartAsync(async (_, token) =>
        {
            running.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
        }, options => options.Queues["work"].Concurrency = 2);
        var batch = await EnqueueAsync(Acme, 20);
        await running.Task.WaitAsync(TimeSpan.FromSeconds(20));

        var none = await database.InTransactionAsync(Globex, transaction => database.Queue.CancelBatchAsync(transaction, Globex, batch.Id));
        var asked = await database.InTransactionAsync(Acme, transaction => database.Queue.CancelBatchAsync(transaction, Acme, batch.Id));

        await database.WaitForAsync(Acme, batch.CompletionId, JobStates.Succeeded, TimeSpan.FromSeconds(30));
        Assert.Equal((0, 20), (none, asked));
        Assert.Equal((20, 0, 0, 0, 20), Counts(Assert.Single(_completed).Batch));
        Assert.NotNull(_completed.Single().Batch.CancelledAt);
        await Eventually.TrueAsync(
            async () => await database.ScalarAsync<long>("SELECT count(*) FROM jobs.cancellations") == 0, null, "Wishes were to be forgotten.");
    }

    [Fact]
    public async Task CancelBatchAsync_of_more_than_are_ended_at_once_while_no_worker_is_there_keeps_every_member_from_running()
    {
        var batch = await EnqueueAsync(Acme, 20_500);
        await database.InTransactionAsync(Acme, transaction => database.Queue.CancelBatchAsync(transaction, Acme, batch.Id));

        var ran = 0;
        await using var host = await StartAsync((_, _) =>
        {
            Interlocked.Increment(ref ran);
            return Task.CompletedTask;
        });

        await database.WaitForAsync(Acme, batch.CompletionId, JobStates.Succeeded, TimeSpan.FromSeconds(30));
        Assert.Equal((20_500, 0, 0, 0, 20_500), Counts(Assert.Single(_completed).Batch));
        Assert.Equal(0, ran);
    }

    [Fact]
    public async Task Member_retried_afterwards_is_counted_anew_and_completion_does_not_run_again()
    {
        var broken = true;
        await using var host = await StartAsync((work, _) => work.Number == 1 && broken ? throw new PermanentJobException("broken") : Task.CompletedTask);
        var batch = await EnqueueAsync(Acme, 3);
        await database.WaitForAsync(Acme, batch.CompletionId, JobStates.Succeeded);
        broken = false;

        await database.InTransactionAsync(Acme, transaction => _admin.RetryAsync(transaction, Acme, batch.Members));
        await database.WaitForAsync(Acme, batch.Members[1], JobStates.Succeeded);

        await Eventually.TrueAsync(
            async () => Counts((await _search.GetBatchAsync(database.App, Acme, batch.Id))!) == (3, 0, 3, 0, 0), null, "The count was to follow.");
        await database.WaitForAsync(Acme, await database.EnqueueAsync(Acme, new Work(9)), JobStates.Succeeded);
        Assert.Single(_completed);
    }

    [Fact]
    [Trait("Req", "F4")]
    public async Task Many_batches_over_four_workers_of_which_some_are_lost_complete_once_each()
    {
        var hosts = new List<WorkHost>();
        for (var n = 0; n < 4; n++)
        {
            hosts.Add(await StartAsync((work, _) => work.Number % 7 == 0 ? throw new InvalidOperationException("now and then") : Task.CompletedTask, options =>
            {
                options.Lease = TimeSpan.FromSeconds(1);
                options.Heartbeat = TimeSpan.FromMilliseconds(200);
                options.MaintenanceInterval = TimeSpan.FromMilliseconds(200);
            }));
        }

        var batches = await Task.WhenAll(Enumerable.Range(0, 30).Select(n => EnqueueAsync(n % 2 == 0 ? Acme : Globex, 40)));
        // Leases taken away in full run: whoever held jobs is fenced off, others take them over.
        for (var n = 0; n < 5; n++)
        {
            await database.ExecuteAsync("UPDATE jobs.workers SET expires_at = now() - interval '1 second' WHERE id = (SELECT min(id) FROM jobs.workers WHERE expires_at > now())");
            await database.WaitForAsync(Acme, await database.EnqueueAsync(Acme, new Work(1)), JobStates.Succeeded);
        }

        for (var n = 0; n < batches.Length; n++)
            await database.WaitForAsync(n % 2 == 0 ? Acme : Globex, batches[n].CompletionId, JobStates.Succeeded, TimeSpan.FromSeconds(60));
        foreach (var host in hosts)
            await host.DisposeAsync();

        Assert.Equal(
            0L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.batches WHERE open <> 0 OR total <> succeeded + dead + cancelled"));
        foreach (var (id, tenant) in batches.Select((batch, n) => (batch.Id, n % 2 == 0 ? Acme : Globex)))
        {
            var batch = await _search.GetBatchAsync(database.App, tenant, id);
            var ended = await database.ScalarAsync<long>(
                "SELECT count(*) FROM jobs.job j JOIN jobs.finished f ON f.id = j.id WHERE j.batch_id = $1 AND f.state = 'succeeded'", id);
            Assert.Equal(ended, batch!.Succeeded);
        }
        Assert.Equal(batches.Length, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.finished f JOIN jobs.batches b ON b.completion_id = f.id WHERE b.id = ANY ($1)", batches.Select(batch => batch.Id).ToArray()));
    }

    private static (int Total, int Open, int Succeeded, int Dead, int Cancelled) Counts(JobBatch batch) =>
        (batch.Total, batch.Open, batch.Succeeded, batch.Dead, batch.Cancelled);

    private Task<EnqueuedBatch> EnqueueAsync(Tenancy.TenantId tenant, int members) => database.InTransactionAsync(
        tenant, transaction => database.Queue.EnqueueBatchAsync(
            transaction, tenant, Enumerable.Range(0, members).Select(n => new Work(n)).ToList(), new Completion("all")));

    private Task<WorkHost> StartAsync(Func<Work, CancellationToken, Task> handle, Action<JobWorkerOptions>? configure = null) =>
        WorkHost.StartAsync(database, async (payload, context, token) =>
        {
            if (payload is Completion)
                _completed.Enqueue((context.JobId, (await context.GetBatchAsync(token))!));
            else
                await handle((Work)payload, token);
            return null;
        }, configure);
}
