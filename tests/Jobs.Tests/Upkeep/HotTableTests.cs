using System.Collections.Concurrent;
using System.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Jobs.Engine;
using Platform.Jobs.Upkeep;
using Platform.Testing;

namespace Platform.Jobs.Tests.Upkeep;

[Trait("Req", "F8")]
public sealed class HotTableTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    private readonly ConcurrentQueue<(int Id, string Text)> _log = [];

    private Task<WorkHost> StartAsync(Action<JobWorkerOptions> configure) => WorkHost.StartAsync(
        database, (_, _, _) => Task.FromResult<object?>(null), configure, build: builder => builder.Logging.AddProvider(new Logged(_log)));

    private static HotTableWatch Watch(WorkHost host) => host.Services.GetServices<LeaderDuty>().OfType<HotTableWatch>().Single();

    [Fact]
    public async Task Snapshot_that_is_held_open_is_measured_and_told_once_in_a_while()
    {
        await using var host = await StartAsync(options => options.SnapshotAlarm = TimeSpan.FromSeconds(1));
        using var measured = new Measurements(host);
        var watch = Watch(host);
        await using (var connection = await database.App.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead))
        {
            await using (var read = new NpgsqlCommand("SELECT count(*) FROM jobs.pending", connection, transaction))
                await read.ExecuteScalarAsync();
            await Eventually.TrueAsync(async () =>
            {
                await database.ExecuteAsync("SELECT pg_current_xact_id()");
                await watch.LookAsync(CancellationToken.None);
                return measured["queue_snapshot_held_seconds"] >= 1;
            });
            await watch.LookAsync(CancellationToken.None);
            Assert.Contains($"process {connection.ProcessID}", Assert.Single(_log, l => l.Id == 6117).Text, StringComparison.Ordinal);
        }

        await Eventually.TrueAsync(async () =>
        {
            await watch.LookAsync(CancellationToken.None);
            return measured["queue_snapshot_held_seconds"] < 1;
        });
    }

    [Fact]
    public async Task Dead_rows_are_measured_and_told()
    {
        await database.ExecuteAsync("ALTER TABLE jobs.pending SET (autovacuum_enabled = false)");
        await FillAndEmptyAsync(2000);
        await using var host = await StartAsync(options => options.DeadRowsAlarm = 1000);
        using var measured = new Measurements(host);
        var watch = Watch(host);

        await Eventually.TrueAsync(async () =>
        {
            await watch.LookAsync(CancellationToken.None);
            return measured["queue_dead_rows"] >= 1000;
        });
        // The leader may have seen it first, and be about to tell.
        await Eventually.TrueAsync(() => _log.Any(l => l.Id == 6118));
    }

    [Fact]
    public async Task Dead_rows_are_vacuumed_by_the_leader_but_not_again_and_again_while_a_snapshot_keeps_them()
    {
        await database.ExecuteAsync("ALTER TABLE jobs.pending SET (autovacuum_enabled = false)");
        // The leader's own is off, so that only this one vacuums.
        await using var host = await StartAsync(options => options.VacuumAbove = 0);
        var vacuum = new HotTableVacuum(
            host.Services.GetRequiredService<JobDatabase>(), host.Services.GetRequiredService<IndexRebuild>(), TimeProvider.System,
            Options.Create(new JobWorkerOptions { VacuumAbove = 1500 }));
        await using (var connection = await database.App.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead))
        {
            await using (var read = new NpgsqlCommand("SELECT count(*) FROM jobs.pending", connection, transaction))
                await read.ExecuteScalarAsync();
            await FillAndEmptyAsync(2000);
            await Eventually.TrueAsync(() => vacuum.VacuumAsync(CancellationToken.None));
            Assert.False(await vacuum.VacuumAsync(CancellationToken.None));
        }

        // Twice as many as were left: by now all of them can go, unless some other look at the database was just under way.
        await FillAndEmptyAsync(6000);
        await Eventually.TrueAsync(async () =>
            await vacuum.VacuumAsync(CancellationToken.None)
            && await database.ScalarAsync<long>("SELECT pg_stat_get_dead_tuples('jobs.pending'::regclass)") < 1500, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Bloated_index_is_rebuilt_beside_the_queue_unless_switched_off()
    {
        await FillAndEmptyAsync(30_000);
        await database.ExecuteAsync("VACUUM ANALYZE jobs.pending");
        await using var off = await StartAsync(options => options.ReindexAbove = 0);
        await using var on = await StartAsync(options => options.ReindexAbove = 100_000);
        var rebuild = on.Services.GetRequiredService<IndexRebuild>();

        Assert.Null(await off.Services.GetRequiredService<IndexRebuild>().RunAsync(CancellationToken.None));
        string? rebuilt = null;
        await Eventually.TrueAsync(async () => (rebuilt = await rebuild.RunAsync(CancellationToken.None)) is not null);

        Assert.InRange(await database.ScalarAsync<long>("SELECT pg_relation_size(('jobs.' || $1)::regclass)", rebuilt!), 0, 50_000);
        // The leader may be rebuilding another one at this moment.
        await Eventually.TrueAsync(async () => 0L == await database.ScalarAsync<long>(
            "SELECT count(*) FROM pg_index WHERE indrelid = 'jobs.pending'::regclass AND NOT indisvalid"));
    }

    [Fact]
    public async Task Index_that_its_rows_account_for_is_left_alone()
    {
        await FillAsync(20_000);
        await database.ExecuteAsync("ANALYZE jobs.pending");
        await using var host = await StartAsync(options => options.ReindexAbove = 1);

        Assert.Null(await host.Services.GetRequiredService<IndexRebuild>().RunAsync(CancellationToken.None));
        await database.ExecuteAsync("DELETE FROM jobs.pending WHERE queue = 'bloat'");
    }

    [Fact]
    public async Task Remains_of_a_rebuild_that_was_broken_off_are_dropped()
    {
        await database.ExecuteAsync(
            """
            CREATE INDEX pending_due_ccnew ON jobs.pending (run_at);
            SET allow_system_table_mods = on;
            UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'jobs.pending_due_ccnew'::regclass;
            RESET allow_system_table_mods
            """);
        await using var host = await StartAsync(_ => { });

        // The leader does it by itself when it begins to lead, unless this is faster; whoever can't have the lock tries again later.
        await Eventually.TrueAsync(async () =>
        {
            await host.Services.GetRequiredService<IndexRebuild>().RunAsync(CancellationToken.None);
            return await database.ScalarAsync<bool>("SELECT to_regclass('jobs.pending_due_ccnew') IS NULL");
        });
        Assert.True(await database.ScalarAsync<bool>("SELECT to_regclass('jobs.pending_due') IS NOT NULL"));
    }

    private Task FillAsync(int rows) => database.ExecuteAsync(
        $"""
        INSERT INTO jobs.pending (id, tenant_id, run_at, max_attempts, priority, wait, queue)
        SELECT gen_random_uuid(), gen_random_uuid(), clock_timestamp(), 1, 50, 0, 'bloat' FROM generate_series(1, {rows})
        """);

    private async Task FillAndEmptyAsync(int rows)
    {
        await FillAsync(rows);
        // A session tells its statistics at once only when asked to.
        await database.ExecuteAsync("DELETE FROM jobs.pending WHERE queue = 'bloat'; SELECT pg_stat_force_next_flush()");
    }

    private sealed class Logged(ConcurrentQueue<(int Id, string Text)> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((eventId.Id, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
