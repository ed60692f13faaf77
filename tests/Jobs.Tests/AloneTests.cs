using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Data;
using Platform.Data.Schema;
using Platform.Jobs.Internal;
using Platform.Testing;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

/// <summary>The library in a database that has nothing of the platform.</summary>
public sealed class AloneTests : IAsyncLifetime
{
    private TestDatabase _server = null!;
    private JobsDatabase _database = null!;

    public async Task InitializeAsync()
    {
        _server = await TestDatabase.CreateAsync("jobs_alone", async admin =>
        {
            var source = MigrationSource.FromAssembly("jobs", typeof(IJobQueue).Assembly);
            await using var connection = await PlatformMigrations.PrepareRestoreAsync(
                admin, JobsDatabase.Migrations, [source], source.Scripts.Select(script => (source.Name, script.Version)).ToHashSet(), NullLogger.Instance);
        });
        _database = JobsDatabase.Of(_server.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Jobs_are_enqueued_run_and_looked_at()
    {
        await using var host = await WorkHost.StartAsync(_database, (_, _, _) => Task.FromResult<object?>(null));

        var id = await _database.Queue.EnqueueAsync(_database.App, Acme, new Work(1));

        await _database.WaitForAsync(Acme, id, JobStates.Succeeded);
        Assert.Equal(0, await _database.ScalarAsync<long>(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations'"));
    }

    [Fact]
    [Trait("Req", "B4")]
    public async Task Nobody_is_an_operator_until_a_host_says_so()
    {
        var operators = new JobOperators(TimeProvider.System);
        async Task<string?> RefusalAsync(Func<Task> call) => (await Assert.ThrowsAsync<PostgresException>(call)).SqlState;
        foreach (var call in (Func<Task>[])
        [
            () => operators.FindAsync(_database.App, Guid.NewGuid(), Guid.NewGuid(), "job.read"),
            () => operators.FindBatchAsync(_database.App, Guid.NewGuid(), Guid.NewGuid(), "batch.read"),
            () => operators.EnterAsync(_database.App, Guid.NewGuid(), Acme, "jobs.queues"),
            () => operators.SearchAsync(_database.App, Guid.NewGuid(), new JobQuery()),
            () => operators.GetQueuesAsync(_database.App, Guid.NewGuid(), ["work"]),
            () => operators.GetWorkersAsync(_database.App, Guid.NewGuid()),
            () => operators.PauseAsync(_database.App, Guid.NewGuid(), "work", true),
            () => operators.SetLimitAsync(_database.App, Guid.NewGuid(), "work", null, null),
            () => operators.NoteLimitAsync(_database.App, Guid.NewGuid(), "work", Acme, null),
        ])
            Assert.Equal("42501", await RefusalAsync(call));

        await _database.ExecuteAsync("""
            CREATE OR REPLACE PROCEDURE jobs.note_operator(p_operator uuid, p_action text, p_subject text, p_detail jsonb, p_now timestamptz)
                LANGUAGE plpgsql AS $$ BEGIN END $$
            """);
        Assert.True(await operators.EnterAsync(_database.App, Guid.NewGuid(), Acme, "jobs.queues"));
    }
}
