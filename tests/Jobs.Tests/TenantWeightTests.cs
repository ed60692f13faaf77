using System.Collections.Concurrent;
using Npgsql;
using Platform.Jobs.Internal;
using Platform.Tenancy;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

[Trait("Req", "F6")]
public sealed class TenantWeightTests(JobsDatabase database) : IClassFixture<JobsDatabase>, IAsyncLifetime
{
    private static readonly TenantId Initech = new(Guid.Parse("0198cccc-0000-7000-8000-000000000003"));

    private readonly JobAdmin _admin = new();

    public Task InitializeAsync() => database.ExecuteAsync("DELETE FROM jobs.tenant_weights");

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>
    /// One place a claim, few, more than a round, and many at once: the shares are the same. A large claim takes each tenant's share in
    /// one piece, so it matters more where the count ends.
    /// </summary>
    [Theory]
    [InlineData(1, 0, 8)]
    [InlineData(3, 0, 8)]
    [InlineData(7, 0, 8)]
    [InlineData(4, 200, 60)]
    public async Task Claim_gives_tenants_their_weights_share_while_all_wait(int concurrency, int prefetch, int off)
    {
        var queue = $"weights-{concurrency}-{prefetch}";
        await SetAsync(Acme, 4);
        await SetAsync(Globex, 2);
        foreach (var (tenant, jobs) in new[] { (Acme, 400), (Globex, 400), (Initech, 400) })
            await database.EnqueueManyAsync(tenant, [.. Enumerable.Range(0, jobs).Select(n => new Work(n))], new JobOptions { Queue = queue });
        var ran = new ConcurrentQueue<TenantId>();
        await using var host = await WorkHost.StartAsync(
            database,
            (_, context, _) =>
            {
                ran.Enqueue(context.Tenant);
                return Task.FromResult<object?>(null);
            },
            options => options.Queues[queue] = new JobQueueOptions { Concurrency = concurrency, Prefetch = prefetch });
        await Testing.Eventually.TrueAsync(() => ran.Count == 1200, TimeSpan.FromSeconds(20));

        // In the claims' own order, while everybody waits: of seven, four are the first one's and two the second one's.
        var claimed = await ClaimedAsync(queue, 420);
        Assert.InRange(claimed.Count(t => t == Acme), 240 - off, 240 + off);
        Assert.InRange(claimed.Count(t => t == Globex), 120 - off, 120 + off);
        Assert.InRange(claimed.Count(t => t == Initech), 60 - off, 60 + off);
    }

    [Fact]
    public async Task Every_waiting_tenant_has_a_turn_in_each_round_whatever_the_others_weights()
    {
        const string Queue = "starving";
        TenantId[] small = [.. Enumerable.Range(0, 20).Select(_ => new TenantId(Guid.NewGuid()))];
        await SetAsync(Acme, 100);
        await database.EnqueueManyAsync(Acme, [.. Enumerable.Range(0, 2000).Select(n => new Work(n))], new JobOptions { Queue = Queue });
        foreach (var tenant in small)
            await database.EnqueueManyAsync(tenant, [new Work(1), new Work(2)], new JobOptions { Queue = Queue });
        var ran = 0;
        await using var host = await WorkHost.StartAsync(
            database,
            (_, _, _) =>
            {
                Interlocked.Increment(ref ran);
                return Task.FromResult<object?>(null);
            },
            options => options.Queues[Queue] = new JobQueueOptions { Concurrency = 2, Prefetch = 0 });
        await Testing.Eventually.TrueAsync(() => Volatile.Read(ref ran) == 2040, TimeSpan.FromSeconds(30));

        // Two rounds of 20 single places and a turn of 100, wherever in it the first claim began.
        var claimed = await ClaimedAsync(Queue, 240);
        foreach (var tenant in small)
            Assert.Equal(2, claimed.Count(t => t == tenant));
    }

    [Fact]
    public async Task SetWeightAsync_keeps_a_row_only_for_weights_other_than_one_and_is_not_a_tenants_to_call()
    {
        await SetAsync(Acme, 3);
        await SetAsync(Acme, 5);
        Assert.Equal((short)5, await database.ScalarAsync<short>("SELECT weight FROM jobs.tenant_weights"));
        await SetAsync(Acme, 1);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.tenant_weights"));

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => SetAsync(Acme, 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => SetAsync(Acme, 101));
        await Assert.ThrowsAsync<PostgresException>(() => database.InTransactionAsync(Acme, async transaction =>
        {
            await _admin.SetWeightAsync(transaction, Acme, 9);
            return 0;
        }));
    }

    private async Task<List<TenantId>> ClaimedAsync(string queue, int first)
    {
        await Testing.Eventually.TrueAsync(async () =>
            await database.ScalarAsync<long>("SELECT count(*) FROM jobs.pending WHERE queue = $1", queue) == 0);
        await using var command = database.Admin.CreateCommand(
            "SELECT f.tenant_id FROM jobs.finished f JOIN jobs.job j ON j.id = f.id WHERE j.queue = $1 ORDER BY f.started_at LIMIT $2");
        command.Parameters.AddWithValue(queue);
        command.Parameters.AddWithValue(first);
        await using var reader = await command.ExecuteReaderAsync();
        var tenants = new List<TenantId>();
        while (await reader.ReadAsync())
            tenants.Add(new TenantId(reader.GetGuid(0)));
        return tenants;
    }

    private async Task SetAsync(TenantId tenant, int weight)
    {
        await using var engine = NpgsqlDataSource.Create(database.QueueConnectionString);
        await using var connection = await engine.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await _admin.SetWeightAsync(transaction, tenant, weight);
        await transaction.CommitAsync();
    }
}
