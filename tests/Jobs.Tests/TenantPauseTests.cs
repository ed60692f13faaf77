using System.Text;
using Npgsql;
using Platform.Jobs.Internal;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

public sealed class TenantPauseTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private readonly JobAdmin _admin = new();
    private readonly JobSearch _search = new();

    [Theory]
    [InlineData(null)]
    [InlineData("work")]
    [Trait("Req", "F2")]
    public async Task PauseTenantAsync_holds_the_tenants_jobs_and_nobody_elses_until_ResumeTenantAsync(string? queue)
    {
        await using var host = await WorkHost.StartAsync(database, (_, _, _) => Task.FromResult<object?>(null));
        await PauseAsync(Acme, queue, true);
        var held = await database.EnqueueAsync(Acme, new Work(1));
        var other = await database.EnqueueAsync(Globex, new Work(2));
        await database.WaitForAsync(Globex, other, JobStates.Succeeded);
        Assert.Equal(JobStates.Available, (await database.StatusAsync(Acme, held))!.State);
        var figures = Assert.Single(await _search.GetQueuesAsync(database.App, Acme, ["work"]));
        Assert.Equal((1, 0), (figures.Waiting, figures.Running));
        Assert.NotNull(figures.PausedAt);
        Assert.False(figures.PausedForAll);
        Assert.Null(Assert.Single(await _search.GetQueuesAsync(database.App, Globex, ["work"])).PausedAt);

        await PauseAsync(Acme, queue, false);

        await database.WaitForAsync(Acme, held, JobStates.Succeeded);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.paused_tenants"));
    }

    [Fact]
    [Trait("Req", "F2")]
    public async Task PauseTenantAsync_of_one_queue_leaves_the_others()
    {
        await using var host = await WorkHost.StartAsync(
            database, (_, _, _) => Task.FromResult<object?>(null), options => options.Queues["side"] = new JobQueueOptions());
        await PauseAsync(Acme, "side", true);
        var held = await database.EnqueueAsync(Acme, new Work(1), new JobOptions { Queue = "side" });
        var free = await database.EnqueueAsync(Acme, new Work(2));

        await database.WaitForAsync(Acme, free, JobStates.Succeeded);
        Assert.Equal(JobStates.Available, (await database.StatusAsync(Acme, held))!.State);
        await PauseAsync(Acme, null, false);
        await database.WaitForAsync(Acme, held, JobStates.Succeeded);
    }

    [Fact]
    [Trait("Req", "B1")]
    public async Task PauseTenantAsync_of_another_tenant_is_refused_by_the_database() =>
        await Assert.ThrowsAsync<PostgresException>(() => database.InTransactionAsync(Globex, async transaction =>
        {
            await _admin.PauseTenantAsync(transaction, Acme, null);
            return 0;
        }));

    [Fact]
    [Trait("Req", "F3")]
    public async Task EditAndRetryAsync_runs_a_dead_job_with_its_new_payload_and_keeps_its_history()
    {
        var seen = new List<int>();
        await using var host = await WorkHost.StartAsync(database, (payload, _, _) =>
        {
            var number = ((CarefulWork)payload).Number;
            lock (seen)
                seen.Add(number);
            return number == 1 ? throw new PermanentJobException("broken") : Task.FromResult<object?>(null);
        });
        var id = await database.EnqueueAsync(Acme, new CarefulWork(1));
        await database.WaitForAsync(Acme, id, JobStates.Dead);

        Assert.False(await EditAsync(Globex, id, "{\"number\":2}"));
        await Assert.ThrowsAsync<JobException>(() => EditAsync(Acme, id, "{\"number\":"));
        await Assert.ThrowsAsync<JobException>(() => EditAsync(Acme, id, $"\"{new string('x', 1024 * 1024)}\""));
        Assert.True(await EditAsync(Acme, id, "{\"number\":2}"));
        await database.WaitForAsync(Acme, id, JobStates.Succeeded);

        Assert.Equal([1, 2], seen);
        Assert.False(await EditAsync(Acme, id, "{\"number\":3}"));
        var detail = await _search.GetDetailAsync(database.App, Acme, id);
        Assert.Equal(["succeeded", "failed"], detail!.Attempts.Select(attempt => attempt.Outcome));
    }

    private Task<bool> EditAsync(Tenancy.TenantId tenant, Guid id, string payload) => database.InTransactionAsync(
        tenant, transaction => _admin.EditAndRetryAsync(transaction, tenant, id, Encoding.UTF8.GetBytes(payload)));

    private Task<int> PauseAsync(Tenancy.TenantId tenant, string? queue, bool paused) => database.InTransactionAsync(tenant, async transaction =>
    {
        await (paused ? _admin.PauseTenantAsync(transaction, tenant, queue) : _admin.ResumeTenantAsync(transaction, tenant, queue));
        return 0;
    });
}
