using Npgsql;
using Platform.Jobs.Internal;
using Platform.Tenancy;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

[Trait("Req", "F2")]
public sealed class RateLimitTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private static readonly WorkHost.Handler Nothing = (_, _, _) => Task.FromResult<object?>(null);

    private readonly JobAdmin _admin = new();
    private readonly JobSearch _search = new();

    /// <summary>Exact in any window, not just in those that begin with a span; and no permit is wasted.</summary>
    [Theory]
    [InlineData(20, 100, 1.0)]
    [InlineData(1, 8, 0.25)]
    public async Task Three_workers_together_never_start_more_than_the_limit_and_go_on_at_it(int permits, int jobs, double seconds)
    {
        var queue = $"limited-{permits}";
        await SetAsync(queue, null, new RateLimit(permits, TimeSpan.FromSeconds(seconds)));
        await database.EnqueueManyAsync(Acme, [.. Enumerable.Range(0, jobs / 2).Select(n => new Work(n))], new JobOptions { Queue = queue });
        await database.EnqueueManyAsync(Globex, [.. Enumerable.Range(0, jobs / 2).Select(n => new Work(n))], new JobOptions { Queue = queue });
        var before = await TransactionsAsync();

        var hosts = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => WorkHost.StartAsync(
            database, Nothing, options =>
            {
                options.Queues[queue] = new JobQueueOptions { Concurrency = 8 };
                options.PollInterval = TimeSpan.FromMinutes(1);
            })));
        await EndedAsync(queue, jobs);
        foreach (var host in hosts)
            await host.DisposeAsync();

        var starts = await StartsAsync(queue);
        Assert.Equal(jobs, starts.Count);
        for (var n = permits; n < starts.Count; n++)
            Assert.True((starts[n] - starts[n - permits]).TotalSeconds >= seconds, $"{permits + 1} starts within {starts[n] - starts[n - permits]}.");
        // As many spans as it takes, and what it takes to notice that one is over.
        var spans = Math.Ceiling((double)jobs / permits) - 1;
        Assert.InRange((starts[^1] - starts[0]).TotalSeconds, spans * seconds, (spans * seconds * 1.25) + 2);
        Assert.Equal(0L, await database.ScalarAsync<long>(
            "SELECT count(*) FROM jobs.finished f JOIN jobs.job j ON j.id = f.id WHERE j.queue = $1 AND f.attempt <> 1", queue));
        // They look when there is something to find: a loop that keeps asking makes thousands.
        Assert.InRange(await TransactionsAsync() - before, 0, 2000);
    }

    [Fact]
    public async Task Tenants_limit_holds_its_own_jobs_only_until_it_is_lifted()
    {
        const string Queue = "tenants";
        await SetAsync(Queue, Acme, new RateLimit(2, TimeSpan.FromHours(1)));
        await database.EnqueueManyAsync(Acme, [.. Enumerable.Range(0, 5).Select(n => new Work(n))], new JobOptions { Queue = Queue });
        await database.EnqueueManyAsync(Globex, [.. Enumerable.Range(0, 30).Select(n => new Work(n))], new JobOptions { Queue = Queue });
        await using var host = await WorkHost.StartAsync(database, Nothing, options =>
        {
            options.Queues[Queue] = new JobQueueOptions { Concurrency = 4, TenantConcurrency = 2 };
            options.PollInterval = TimeSpan.FromMinutes(1);
        });
        var other = await database.EnqueueAsync(Acme, new Work(1));

        await EndedAsync(Queue, 32);
        await database.WaitForAsync(Acme, other, JobStates.Succeeded);
        Assert.Equal(3L, await database.ScalarAsync<long>(
            "SELECT count(*) FROM jobs.pending WHERE queue = $1 AND tenant_id = $2 AND worker IS NULL AND attempt = 0", Queue, Acme.Value));
        var acmes = Assert.Single(Assert.Single(await _search.GetQueuesAsync(database.App, Acme, [Queue])).Limits);
        Assert.Equal(new QueueLimit(Acme.Value, 2, 3600, 0), acmes);
        Assert.Empty(Assert.Single(await _search.GetQueuesAsync(database.App, Globex, [Queue])).Limits);

        await SetAsync(Queue, Acme, null);

        await EndedAsync(Queue, 35);
        Assert.False(await database.ScalarAsync<bool>("SELECT limited FROM jobs.queues WHERE name = $1", Queue));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.slots"));
    }

    [Fact]
    public async Task Limit_set_while_workers_run_counts_from_then_on_and_can_be_raised()
    {
        const string Queue = "raised";
        await using var host = await WorkHost.StartAsync(database, Nothing, options =>
        {
            options.Queues[Queue] = new JobQueueOptions { Concurrency = 4 };
            options.PollInterval = TimeSpan.FromMinutes(1);
        });
        var first = await database.EnqueueAsync(Acme, new Work(0), new JobOptions { Queue = Queue });
        await database.WaitForAsync(Acme, first, JobStates.Succeeded);

        await SetAsync(Queue, null, new RateLimit(3, TimeSpan.FromHours(1)));
        await database.EnqueueManyAsync(Acme, [.. Enumerable.Range(0, 10).Select(n => new Work(n))], new JobOptions { Queue = Queue });
        await EndedAsync(Queue, 4);
        await SetAsync(Queue, null, new RateLimit(5, TimeSpan.FromHours(1)));
        await EndedAsync(Queue, 6);

        Assert.Equal(5L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.pending WHERE queue = $1 AND worker IS NULL", Queue));
        Assert.Equal(
            new QueueLimit(null, 5, 3600, null), Assert.Single(Assert.Single(await _search.GetQueuesAsync(database.App, Acme, [Queue])).Limits));
    }

    [Fact]
    public async Task Both_limits_hold_and_starts_are_kept_in_few_pieces()
    {
        const string Queue = "both";
        await SetAsync(Queue, null, new RateLimit(400, TimeSpan.FromHours(1)));
        await SetAsync(Queue, Acme, new RateLimit(150, TimeSpan.FromHours(1)));
        foreach (var tenant in (TenantId[])[Acme, Globex])
            await database.EnqueueManyAsync(tenant, [.. Enumerable.Range(0, 500).Select(n => new Work(n))], new JobOptions { Queue = Queue });
        await using var host = await WorkHost.StartAsync(
            database, Nothing, options => options.Queues[Queue] = new JobQueueOptions { Concurrency = 8 });

        await EndedAsync(Queue, 400);

        Assert.InRange(await database.ScalarAsync<long>(
            "SELECT count(*) FROM jobs.finished f JOIN jobs.job j ON j.id = f.id WHERE j.queue = $1 AND f.tenant_id = $2", Queue, Acme.Value), 100, 150);
        Assert.InRange(await database.ScalarAsync<int>("SELECT max(cardinality(recent_at)) FROM jobs.rate_limits WHERE queue = $1", Queue), 1, 65);
        Assert.Equal(400L, await database.ScalarAsync<long>(
            "SELECT sum(n) FROM jobs.rate_limits, unnest(recent_jobs) n WHERE queue = $1 AND tenant_id <> $2", Queue, Acme.Value));
    }

    [Fact]
    [Trait("Req", "B1")]
    public async Task Limits_are_not_a_tenants_to_set_or_to_read()
    {
        await Assert.ThrowsAsync<PostgresException>(() => database.InTransactionAsync(Acme, async transaction =>
        {
            await _admin.SetRateLimitAsync(transaction, "work", Acme, new RateLimit(9, TimeSpan.FromSeconds(1)));
            return 0;
        }));
        await using var command = database.App.CreateCommand("SELECT count(*) FROM jobs.rate_limits");
        await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteScalarAsync());
    }

    [Theory]
    [InlineData(0, 1.0)]
    [InlineData(1_000_001, 1.0)]
    [InlineData(1, 0.05)]
    [InlineData(1, 86_401.0)]
    public void RateLimit_refuses_what_makes_no_sense(int permits, double seconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimit(permits, TimeSpan.FromSeconds(seconds)));

    private Task EndedAsync(string queue, int jobs) => Testing.Eventually.TrueAsync(
        async () => await database.ScalarAsync<long>("SELECT count(*) FROM jobs.finished f JOIN jobs.job j ON j.id = f.id WHERE j.queue = $1", queue) == jobs,
        TimeSpan.FromSeconds(30));

    private async Task<List<DateTime>> StartsAsync(string queue)
    {
        await using var command = database.Admin.CreateCommand(
            "SELECT f.started_at FROM jobs.finished f JOIN jobs.job j ON j.id = f.id WHERE j.queue = $1 ORDER BY 1");
        command.Parameters.AddWithValue(queue);
        await using var reader = await command.ExecuteReaderAsync();
        var starts = new List<DateTime>();
        while (await reader.ReadAsync())
            starts.Add(reader.GetDateTime(0));
        return starts;
    }

    private Task<long> TransactionsAsync() =>
        database.ScalarAsync<long>("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()");

    private async Task SetAsync(string queue, TenantId? tenant, RateLimit? limit)
    {
        await using var engine = NpgsqlDataSource.Create(database.QueueConnectionString);
        await using var connection = await engine.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await (limit is null
            ? _admin.LiftRateLimitAsync(transaction, queue, tenant)
            : _admin.SetRateLimitAsync(transaction, queue, tenant, limit));
        await transaction.CommitAsync();
    }
}
