using System.Collections.Concurrent;
using System.Diagnostics;
using Platform.Tenancy;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

public sealed class ClaimTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    [Fact]
    [Trait("Req", "F6")]
    public async Task Claim_takes_turns_between_tenants_whatever_one_of_them_has_waiting()
    {
        var ran = new ConcurrentQueue<TenantId>();
        await database.EnqueueManyAsync(Acme, [.. Enumerable.Range(0, 5000).Select(n => new Work(n))]);
        await database.EnqueueManyAsync(Globex, [.. Enumerable.Range(0, 50).Select(n => new Work(n))]);

        await using var host = await WorkHost.StartAsync(
            database,
            (_, context, _) =>
            {
                ran.Enqueue(context.Tenant);
                return Task.FromResult<object?>(null);
            },
            options => options.Queues["work"] = new JobQueueOptions { Concurrency = 1, Prefetch = 50 });
        await Testing.Eventually.TrueAsync(() => ran.Count >= 5050, TimeSpan.FromSeconds(20));

        // Alternating: when the small tenant's last job has run, the large one has had about as many.
        var position = ran.Select((tenant, index) => (tenant, index)).Where(r => r.tenant == Globex).Max(r => r.index);
        Assert.InRange(position, 50, 200);
    }

    [Fact]
    [Trait("Req", "F2")]
    public async Task Claim_follows_priority_then_age_within_a_tenant()
    {
        var ran = new ConcurrentQueue<int>();
        int[] priorities = [50, 90, 10, 50, 10];
        for (var n = 0; n < priorities.Length; n++)
            await database.EnqueueAsync(Acme, new Work(n, "priority"), new JobOptions { Priority = priorities[n], Queue = "ordered" });

        await using var host = await WorkHost.StartAsync(
            database,
            (payload, _, _) =>
            {
                ran.Enqueue(((Work)payload).Number);
                return Task.FromResult<object?>(null);
            },
            options => options.Queues["ordered"] = new JobQueueOptions { Concurrency = 1 });
        await Testing.Eventually.TrueAsync(() => ran.Count == priorities.Length);

        Assert.Equal([2, 4, 0, 3, 1], ran);
    }

    [Fact]
    [Trait("Req", "F5")]
    public async Task Claim_never_runs_more_of_a_tenant_than_the_cap_over_two_workers()
    {
        var running = new ConcurrentDictionary<TenantId, int>();
        var most = new ConcurrentDictionary<TenantId, int>();
        var pairs = new ConcurrentDictionary<TenantId, Pairs>();
        var done = 0;
        WorkHost.Handler handler = async (_, context, _) =>
        {
            var now = running.AddOrUpdate(context.Tenant, 1, (_, n) => n + 1);
            most.AddOrUpdate(context.Tenant, now, (_, n) => Math.Max(n, now));
            // None ends before a second one of its tenant runs too: as many as may run at once do.
            await pairs.GetOrAdd(context.Tenant, _ => new Pairs()).MeetAsync();
            running.AddOrUpdate(context.Tenant, 0, (_, n) => n - 1);
            Interlocked.Increment(ref done);
            return null;
        };
        void Configure(JobWorkerOptions options) => options.Queues["capped"] = new JobQueueOptions { Concurrency = 8, TenantConcurrency = 2 };
        var options = new JobOptions { Queue = "capped" };
        await database.EnqueueManyAsync(Acme, [.. Enumerable.Range(0, 60).Select(n => new Work(n))], options);
        await database.EnqueueManyAsync(Globex, [.. Enumerable.Range(0, 60).Select(n => new Work(n))], options);

        await using var one = await WorkHost.StartAsync(database, handler, Configure);
        await using var two = await WorkHost.StartAsync(database, handler, Configure);
        await Testing.Eventually.TrueAsync(() => Volatile.Read(ref done) == 120, TimeSpan.FromSeconds(20));

        Assert.Equal(2, most[Acme]);
        Assert.Equal(2, most[Globex]);
        await Testing.Eventually.TrueAsync(async () => await database.ScalarAsync<long>("SELECT count(*) FROM jobs.slots") == 0);
    }

    [Fact]
    [Trait("Req", "F2")]
    public async Task Delayed_job_runs_when_due_and_not_before()
    {
        await using var host = await WorkHost.StartAsync(database, (_, _, _) => Task.FromResult<object?>(null));

        var id = await database.EnqueueAsync(Acme, new Work(1), new JobOptions { Delay = TimeSpan.FromMilliseconds(600) });
        Assert.Equal(JobStates.Scheduled, (await database.StatusAsync(Acme, id))!.State);
        var status = await database.WaitForAsync(Acme, id, JobStates.Succeeded);

        Assert.InRange((status.StartedAt!.Value - status.CreatedAt).TotalMilliseconds, 599, 3000);
    }

    [Fact]
    [Trait("Req", "F1")]
    public async Task Job_starts_without_hints_by_polling_alone()
    {
        await using var host = await WorkHost.StartAsync(database, (_, _, _) => Task.FromResult<object?>(null), options =>
        {
            options.Listen = false;
            options.PollInterval = TimeSpan.FromMilliseconds(200);
        });

        var id = await database.EnqueueAsync(Acme, new Work(1));

        await database.WaitForAsync(Acme, id, JobStates.Succeeded, TimeSpan.FromSeconds(5));
    }

    [Fact]
    [Trait("Req", "F1")]
    public async Task Hint_starts_a_job_long_before_the_next_poll()
    {
        await using var host = await WorkHost.StartAsync(
            database, (_, _, _) => Task.FromResult<object?>(null), options => options.PollInterval = TimeSpan.FromMinutes(5));
        var first = await database.EnqueueAsync(Acme, new Work(1));
        await database.WaitForAsync(Acme, first, JobStates.Succeeded);

        var clock = Stopwatch.StartNew();
        var second = await database.EnqueueAsync(Acme, new Work(2));
        await database.WaitForAsync(Acme, second, JobStates.Succeeded);

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"It took {clock.Elapsed}.");
    }

    [Fact]
    [Trait("Req", "F2")]
    public async Task Paused_queue_claims_nothing_until_resumed()
    {
        await using var host = await WorkHost.StartAsync(
            database, (_, _, _) => Task.FromResult<object?>(null), options => options.Queues["paused"] = new JobQueueOptions());
        await database.ExecuteAsync("INSERT INTO jobs.queues (name, paused_at) VALUES ('paused', now())");
        var paused = await database.EnqueueAsync(Acme, new Work(1), new JobOptions { Queue = "paused" });
        var other = await database.EnqueueAsync(Acme, new Work(2));
        await database.WaitForAsync(Acme, other, JobStates.Succeeded);
        Assert.Equal(JobStates.Available, (await database.StatusAsync(Acme, paused))!.State);

        await database.ExecuteAsync("UPDATE jobs.queues SET paused_at = NULL");

        await database.WaitForAsync(Acme, paused, JobStates.Succeeded);
    }

    [Fact]
    [Trait("Req", "F4")]
    public async Task Claims_of_four_workers_run_every_job_exactly_once()
    {
        var ran = new ConcurrentDictionary<Guid, int>();
        WorkHost.Handler handler = (_, context, _) =>
        {
            ran.AddOrUpdate(context.JobId, 1, (_, n) => n + 1);
            return Task.FromResult<object?>(null);
        };
        var options = new JobOptions { Queue = "shared" };
        var ids = await database.EnqueueManyAsync(Acme, [.. Enumerable.Range(0, 4000).Select(n => new Work(n))], options);

        var hosts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            WorkHost.StartAsync(database, handler, o => o.Queues["shared"] = new JobQueueOptions())));
        await Testing.Eventually.TrueAsync(() => ran.Count == ids.Count, TimeSpan.FromSeconds(20));
        foreach (var host in hosts)
            await host.DisposeAsync();

        Assert.All(ran.Values, runs => Assert.Equal(1, runs));
        Assert.Equal(4000L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.finished WHERE state = 'succeeded' AND id = ANY ($1)", ids.ToArray()));
    }

    private sealed class Pairs
    {
        private readonly Lock _gate = new();
        private TaskCompletionSource? _waits;

        public Task MeetAsync()
        {
            lock (_gate)
            {
                if (_waits is not { } other)
                    return (_waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                _waits = null;
                other.SetResult();
                return Task.CompletedTask;
            }
        }
    }
}
