using System.Collections.Concurrent;
using Platform.Jobs.Internal;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

public sealed class LaneTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    [Fact]
    [Trait("Req", "F5")]
    public async Task Lanes_run_one_at_a_time_in_order_though_heads_fail_at_random()
    {
        const int Lanes = 20, Jobs = 15;
        var random = new Random(1);
        var failures = Enumerable.Range(0, Lanes * Jobs).ToDictionary(n => n, _ => random.Next(4) == 0);
        var order = new ConcurrentDictionary<string, ConcurrentQueue<int>>();
        var inside = new ConcurrentDictionary<string, int>();
        var overlaps = 0;
        WorkHost.Handler handler = async (payload, context, _) =>
        {
            var work = (Work)payload;
            var lane = work.Name!;
            if (inside.AddOrUpdate(lane, 1, (_, n) => n + 1) != 1)
                Interlocked.Increment(ref overlaps);
            await Task.Yield();
            inside.AddOrUpdate(lane, 0, (_, n) => n - 1);
            if (context.Attempt == 1 && failures[work.Number])
                throw new InvalidOperationException("A random failure.");
            order.GetOrAdd(lane, _ => new()).Enqueue(work.Number);
            return null;
        };
        await using var one = await WorkHost.StartAsync(database, handler);
        await using var two = await WorkHost.StartAsync(database, handler);

        var expected = new Dictionary<string, List<int>>();
        for (var n = 0; n < Lanes * Jobs; n++)
        {
            var lane = $"lane {n % Lanes}";
            await database.EnqueueAsync(Acme, new Work(n, lane), new JobOptions { Lane = lane });
            expected.TryAdd(lane, []);
            expected[lane].Add(n);
        }

        await Testing.Eventually.TrueAsync(() => order.Values.Sum(q => q.Count) == Lanes * Jobs, TimeSpan.FromSeconds(30));
        Assert.Equal(0, overlaps);
        Assert.All(expected, lane => Assert.Equal(lane.Value, order[lane.Key]));
    }

    [Fact]
    [Trait("Req", "F5")]
    public async Task Lane_runs_in_order_of_commit_when_enqueued_from_many_transactions_at_once()
    {
        var ran = new ConcurrentQueue<int>();
        await using var host = await WorkHost.StartAsync(database, (payload, _, _) =>
        {
            ran.Enqueue(((Work)payload).Number);
            return Task.FromResult<object?>(null);
        });
        var next = 0;
        var options = new JobOptions { Lane = "crowded" };

        // Inside the transaction, with the lane's lock held, the number is the order of commit.
        await Parallel.ForEachAsync(Enumerable.Range(0, 60), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
            await database.InTransactionAsync(Acme, async transaction =>
            {
                var id = await database.Queue.EnqueueAsync(transaction, Acme, new Work(-1), options);
                await using var number = new Npgsql.NpgsqlCommand("SELECT 1", transaction.Connection, transaction);
                await number.ExecuteNonQueryAsync();
                return await database.Queue.EnqueueAsync(transaction, Acme, new Work(Interlocked.Increment(ref next)), options);
            }));

        await Testing.Eventually.TrueAsync(() => ran.Count == 120, TimeSpan.FromSeconds(30));
        Assert.Equal(Enumerable.Range(1, 60), ran.Where(n => n > 0));
    }

    [Fact]
    [Trait("Req", "F5")]
    public async Task Retrying_head_holds_only_its_own_lane()
    {
        await using var host = await WorkHost.StartAsync(database, (payload, _, _) => payload is PatientWork
            ? throw new InvalidOperationException("not yet")
            : Task.FromResult<object?>(null));

        var head = await database.EnqueueAsync(Acme, new PatientWork(1), new JobOptions { Lane = "held" });
        var behind = await database.EnqueueAsync(Acme, new Work(2), new JobOptions { Lane = "held" });
        var other = await database.EnqueueAsync(Acme, new Work(3), new JobOptions { Lane = "free" });
        var sameNameElsewhere = await database.EnqueueAsync(Globex, new Work(4), new JobOptions { Lane = "held" });

        await database.WaitForAsync(Acme, head, JobStates.Retrying);
        await database.WaitForAsync(Acme, other, JobStates.Succeeded);
        await database.WaitForAsync(Globex, sameNameElsewhere, JobStates.Succeeded);
        Assert.Equal(JobStates.Available, (await database.StatusAsync(Acme, behind))!.State);
    }

    [Fact]
    [Trait("Req", "F5")]
    public async Task Dead_head_lets_the_lane_go_on_or_blocks_it_as_its_type_says()
    {
        await using var host = await WorkHost.StartAsync(database, (payload, _, _) =>
            payload is CarefulWork or Work { Number: 1 } ? throw new PermanentJobException("no") : Task.FromResult<object?>(null));

        var skipped = await database.EnqueueAsync(Acme, new Work(1), new JobOptions { Lane = "skips" });
        var next = await database.EnqueueAsync(Acme, new Work(2), new JobOptions { Lane = "skips" });
        var blocking = await database.EnqueueAsync(Acme, new CarefulWork(1), new JobOptions { Lane = "blocks" });
        var blocked = await database.EnqueueAsync(Acme, new Work(2), new JobOptions { Lane = "blocks" });
        await database.WaitForAsync(Acme, skipped, JobStates.Dead);
        await database.WaitForAsync(Acme, next, JobStates.Succeeded);
        await database.WaitForAsync(Acme, blocking, JobStates.Dead);
        var later = await database.EnqueueAsync(Acme, new Work(3), new JobOptions { Lane = "blocks" });
        var sentinel = await database.EnqueueAsync(Acme, new Work(4));
        await database.WaitForAsync(Acme, sentinel, JobStates.Succeeded);

        Assert.Equal(JobStates.Available, (await database.StatusAsync(Acme, blocked))!.State);
        Assert.Equal(JobStates.Available, (await database.StatusAsync(Acme, later))!.State);
        Assert.Equal(blocking, await database.ScalarAsync<Guid>("SELECT job_id FROM jobs.blocked_lanes WHERE lane = 'blocks'"));
        var lanes = Assert.Single(await new JobSearch().GetQueuesAsync(database.App, Acme, ["work"]));
        Assert.InRange(lanes.InLanes, 2, 1000);
        Assert.Equal(1, lanes.BlockedLanes);
        Assert.Equal(0, Assert.Single(await new JobSearch().GetQueuesAsync(database.App, Globex, ["work"])).BlockedLanes);
    }

    [Fact]
    [Trait("Req", "F5")]
    public async Task Enqueuer_that_commits_after_the_lanes_last_job_ended_is_not_forgotten()
    {
        using var mayEnd = new SemaphoreSlim(0);
        await using var host = await WorkHost.StartAsync(database, async (payload, _, _) =>
        {
            if (((Work)payload).Number == 1)
                await mayEnd.WaitAsync(CancellationToken.None);
            return null;
        });
        var options = new JobOptions { Lane = "late" };
        var first = await database.EnqueueAsync(Acme, new Work(1), options);
        await database.WaitForAsync(Acme, first, JobStates.Running);

        var second = await database.InTransactionAsync(Acme, async transaction =>
        {
            var id = await database.Queue.EnqueueAsync(transaction, Acme, new Work(2), options);
            mayEnd.Release();
            await database.WaitForAsync(Acme, first, JobStates.Succeeded);
            return id;
        });

        await database.WaitForAsync(Acme, second, JobStates.Succeeded, TimeSpan.FromSeconds(3));
    }
}
