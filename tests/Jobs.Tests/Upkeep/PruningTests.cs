using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Jobs.Engine;
using Platform.Jobs.Upkeep;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests.Upkeep;

[Trait("Req", "F2")]
public sealed class PruningTests(JobsDatabase database) : IClassFixture<JobsDatabase>, IAsyncLifetime
{
    public Task InitializeAsync() => database.ExecuteAsync("DELETE FROM jobs.job; DELETE FROM jobs.pending; DELETE FROM jobs.finished");

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Prune_deletes_what_is_past_its_retention_and_nothing_else()
    {
        await using var host = await WorkHost.StartAsync(database, (payload, _, _) =>
            payload is Work { Number: 666 } ? throw new PermanentJobException("dead") : Task.FromResult<object?>(null));
        var old = await database.EnqueueAsync(Acme, new Work(1), new JobOptions { RetentionDays = 2 });
        var dead = await database.EnqueueAsync(Acme, new Work(666), new JobOptions { RetentionDays = 2 });
        var recent = await database.EnqueueAsync(Acme, new Work(2), new JobOptions { RetentionDays = 4 });
        var waiting = await database.EnqueueAsync(Acme, new Work(3), new JobOptions { RetentionDays = 1, Delay = TimeSpan.FromHours(1) });
        await database.WaitForAsync(Acme, old, JobStates.Succeeded);
        await database.WaitForAsync(Acme, dead, JobStates.Dead);
        await database.WaitForAsync(Acme, recent, JobStates.Succeeded);
        await AgeAsync("3 days");

        await using var connections = Connections();
        Assert.Equal(1, await Pruning(connections, 2000).PruneAsync(CancellationToken.None));

        Assert.Null(await database.StatusAsync(Acme, old));
        Assert.NotNull(await database.StatusAsync(Acme, dead));
        Assert.NotNull(await database.StatusAsync(Acme, recent));
        Assert.NotNull(await database.StatusAsync(Acme, waiting));
    }

    [Fact]
    public async Task Prune_reads_a_long_history_once()
    {
        await using var connections = Connections();
        await FinishAsync(100, retentionDays: 7);
        var pruning = Pruning(connections, 10);
        await pruning.PruneAsync(CancellationToken.None);
        Assert.Equal(11, pruning.Read);

        await FinishAsync(5, retentionDays: 7);
        await pruning.PruneAsync(CancellationToken.None);

        Assert.Equal(12, pruning.Read);
    }

    [Fact]
    public async Task Prune_comes_back_to_a_slice_when_its_first_job_is_due()
    {
        var time = new ManualClock();
        await using var connections = Connections();
        await FinishAsync(30, retentionDays: 7);
        var pruning = Pruning(connections, 10, time);
        Assert.Equal(0, await pruning.PruneAsync(CancellationToken.None));

        await AgeAsync("8 days");
        time.Advance(TimeSpan.FromDays(6));
        Assert.Equal(0, await pruning.PruneAsync(CancellationToken.None));
        time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(30, await pruning.PruneAsync(CancellationToken.None));

        // What was emptied is no slice any more, but is still looked at.
        var read = pruning.Read;
        await pruning.PruneAsync(CancellationToken.None);
        Assert.Equal(read + 2, pruning.Read);
    }

    private JobDatabase Connections() => new(Options.Create(new JobWorkerOptions { ConnectionString = database.QueueConnectionString }));

    private static Pruning Pruning(JobDatabase connections, int sliceSize, TimeProvider? time = null) =>
        new(connections, time ?? TimeProvider.System, Options.Create(new JobWorkerOptions()), NullLogger<Pruning>.Instance) { SliceSize = sliceSize };

    private async Task FinishAsync(int jobs, int retentionDays)
    {
        await database.EnqueueManyAsync(Acme, [.. Enumerable.Range(0, jobs).Select(n => new Work(n))], new JobOptions { RetentionDays = retentionDays });
        await database.ExecuteAsync(
            """
            WITH gone AS (DELETE FROM jobs.pending RETURNING id, tenant_id)
            INSERT INTO jobs.finished (id, tenant_id, started_at, finished_at, attempt, state)
            SELECT id, tenant_id, now(), now(), 1, 'succeeded' FROM gone
            """);
    }

    private Task AgeAsync(string by) => database.ExecuteAsync($"UPDATE jobs.finished SET finished_at = finished_at - interval '{by}'");
}
