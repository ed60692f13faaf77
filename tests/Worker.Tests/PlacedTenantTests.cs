using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Platform.Data.Imports;
using Platform.Data.Placement;
using Platform.Jobs;
using Platform.Tenancy;
using Platform.Testing;
using Platform.Worker.CleanUp;
using Platform.Worker.Handlers;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

/// <summary>Globex is placed in the second database; a Worker of its own serves the queue there.</summary>
[Trait("Req", "B5")]
public sealed class PlacedTenantTests : IAsyncLifetime
{
    private WorkerDatabase _common = null!, _placed = null!;

    public async Task InitializeAsync()
    {
        _common = await CreateAsync();
        _placed = await CreateAsync();
        // As the migrations leave it: only the tenant itself is known there.
        foreach (var table in (string[])["tenants WHERE id", "users WHERE id NOT IN (SELECT user_id FROM memberships) AND id"])
        {
            await using var delete = _placed.Admin.CreateCommand($"DELETE FROM {table} <> '{Globex}'");
            await delete.ExecuteNonQueryAsync();
        }
    }

    public async Task DisposeAsync()
    {
        await _common.DisposeAsync();
        await _placed.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [Trait("Req", "F9")]
    public async Task Import_of_a_placed_tenant_is_worked_in_its_own_database_alone(int poolSize)
    {
        var sample = Samples.Read("contacts-semicolon");
        await using var host = await StartAsync(AddImports, poolSize);

        var (import, job) = await _placed.UploadAsync(Globex, sample.File);
        var status = await _placed.WaitForAsync(Globex, job, JobStates.Succeeded);

        Assert.Equal(1, status.Attempts);
        Assert.Equal(new JobProgress(sample.Rows, sample.Rows, 100), status.Progress);
        Assert.Equal(sample.Rejections, await _placed.RejectionsAsync(import));
        Assert.Equal(sample.Imported, await _placed.ScalarAsync<long>("SELECT count(*) FROM contacts WHERE tenant_id = $1", Globex.Value));
        Assert.Equal("completed", await _placed.ScalarAsync<string>("SELECT status FROM imports WHERE id = $1", import));
        Assert.Equal(0L, await _placed.ScalarAsync<long>("SELECT count(*) FROM import_chunks"));
        Assert.Equal((0L, 0L), (await CountAsync(_common, "contacts"), await CountAsync(_common, "imports")));
        Assert.Contains(host.Events, told => told.Tenant == Globex && told.Event.Type == "import.completed");
        Assert.Equal(0L, await OpenTransactionsAsync());
    }

    [Fact]
    [Trait("Req", "F9")]
    public async Task Broken_import_of_a_placed_tenant_fails_there()
    {
        await using var host = await StartAsync(AddImports, poolSize: 1);

        var (import, job) = await _placed.UploadAsync(Globex, "first,last\nA,B\n"u8.ToArray());
        await _placed.WaitForAsync(Globex, job, JobStates.Dead);

        Assert.Equal("failed", await _placed.ScalarAsync<string>("SELECT status FROM imports WHERE id = $1", import));
        Assert.Equal(0L, await OpenTransactionsAsync());
    }

    [Fact]
    [Trait("Req", "F9")]
    public async Task Report_of_a_placed_tenant_is_written_in_its_own_database()
    {
        await using var host = await StartAsync(builder => builder.AddReports(), poolSize: 10);

        var (report, job) = await _placed.AskAsync(Globex, "contacts");
        await _placed.WaitForAsync(Globex, job, JobStates.Succeeded);

        Assert.Equal("completed", await _placed.ScalarAsync<string>("SELECT status FROM reports WHERE id = $1", report));
        Assert.NotEmpty(await _placed.FileAsync(report));
        Assert.Equal(0L, await _common.ScalarAsync<long>("SELECT count(*) FROM report_files WHERE report_id = $1", report));
    }

    [Fact]
    [Trait("Req", "F9")]
    public async Task Worker_as_a_process_of_its_own_imports_for_the_placed_tenant()
    {
        var sample = Samples.Read("contacts-semicolon");
        await using var worker = await WorkerProcess.StartAsync(
            _common, PortFinder.FreePort(), ("ConnectionStrings__platform-queue", _placed.QueueConnectionString),
            ("ConnectionStrings__placed", _placed.AppConnectionString), ($"Shards__Tenants__{Globex}", "placed"));

        var (import, job) = await _placed.UploadAsync(Globex, sample.File);
        await _placed.WaitForAsync(Globex, job, JobStates.Succeeded, TimeSpan.FromSeconds(60));

        Assert.Equal(sample.Imported, await CountAsync(_placed, "contacts"));
        Assert.Equal("completed", await _placed.ScalarAsync<string>("SELECT status FROM imports WHERE id = $1", import));
        Assert.Equal(0L, await CountAsync(_common, "contacts"));
    }

    [Fact]
    [Trait("Req", "F9")]
    public async Task Clean_up_goes_through_every_database()
    {
        foreach (var database in (WorkerDatabase[])[_common, _placed])
        {
            await using var add = database.Admin.CreateCommand(
                """
                INSERT INTO idempotency_records (tenant_id, route, key, fingerprint, status, headers, body, created_at)
                SELECT id, 'x', 'x', '', 200, '[]', '', now() - interval '9 days' FROM tenants;
                """);
            await add.ExecuteNonQueryAsync();
        }
        await using var host = await StartAsync(builder => builder.AddCleanUp(), poolSize: 10, queue: _common.QueueConnectionString);

        await _common.WaitForAsync(PlatformTenant.Id, await host.EnqueueAsync(new CleanUpData()), JobStates.Succeeded);

        Assert.Equal((0L, 0L), (await CountAsync(_common, "idempotency_records"), await CountAsync(_placed, "idempotency_records")));
    }

    private static void AddImports(IHostApplicationBuilder builder)
    {
        builder.AddContactImports();
        builder.Services.AddJobHandler<ImportContacts, ImportContactsHandler>();
    }

    private Task<PlatformHost> StartAsync(Action<IHostApplicationBuilder> add, int poolSize, string? queue = null) => PlatformHost.StartAsync(
        _common, add, queue ?? _placed.QueueConnectionString,
        ("ConnectionStrings:placed", $"{_placed.AppConnectionString};Maximum Pool Size={poolSize}"), ($"Shards:Tenants:{Globex}", "placed"));

    private static Task<long> CountAsync(WorkerDatabase database, string table) => database.ScalarAsync<long>($"SELECT count(*) FROM {table}");

    /// <summary>Of the services, in either database.</summary>
    private Task<long> OpenTransactionsAsync() => _common.ScalarAsync<long>(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'platform_app' AND state LIKE 'idle in transaction%' AND datname = ANY ($1)",
        (object)new[] { new NpgsqlConnectionStringBuilder(_common.AppConnectionString).Database!, new NpgsqlConnectionStringBuilder(_placed.AppConnectionString).Database! });
}
