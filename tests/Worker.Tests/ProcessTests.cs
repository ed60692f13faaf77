using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Npgsql;
using Platform.Jobs;
using Platform.Testing;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

public sealed class ProcessTests
{
    [Fact]
    [Trait("Req", "F4")]
    public async Task Worker_killed_again_and_again_mid_import_loses_and_doubles_nothing()
    {
        var sample = Samples.Read("contacts-10k");
        await using var database = await WorkerDatabase.CreateAsync();
        var (import, job) = await database.UploadAsync(Acme, sample.File);

        // Each worker dies at another point of the import, wherever that is within a batch.
        foreach (var rows in (int[])[400, 2600, 6000])
        {
            await using var doomed = await WorkerProcess.StartAsync(database, PortFinder.FreePort());
            await Eventually.TrueAsync(
                async () => await database.ScalarAsync<long>("SELECT rows_done FROM imports WHERE id = $1", import) >= rows,
                TimeSpan.FromSeconds(30), $"The import never reached {rows} rows.");
            await doomed.KillAsync();
        }

        await using var last = await WorkerProcess.StartAsync(database, PortFinder.FreePort());
        var status = await database.WaitForAsync(Acme, job, JobStates.Succeeded, TimeSpan.FromSeconds(40));

        Assert.Equal(sample.Rejections, await database.RejectionsAsync(import));
        Assert.Equal(sample.Imported, await database.ScalarAsync<long>("SELECT count(*) FROM contacts"));
        Assert.Equal(sample.Imported, status.Result!.Value.GetProperty("imported").GetInt64());
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.finished"));
        Assert.InRange(status.Attempts, 2, 4);
    }

    [Fact]
    [Trait("Req", "F10")]
    public async Task Worker_is_healthy_and_stops_on_SIGTERM_handing_the_import_back()
    {
        var sample = Samples.Read("contacts-10k");
        await using var database = await WorkerDatabase.CreateAsync();
        var port = PortFinder.FreePort();
        await using var worker = await WorkerProcess.StartAsync(database, port);
        using var client = new HttpClient();
        await Eventually.TrueAsync(
            async () => (await client.GetAsync(new Uri($"http://127.0.0.1:{port}/health"))).StatusCode == HttpStatusCode.OK,
            TimeSpan.FromSeconds(30), "The Worker never was healthy.");
        var (import, job) = await database.UploadAsync(Acme, sample.File);
        await Eventually.TrueAsync(
            async () => await database.ScalarAsync<long>("SELECT rows_done FROM imports WHERE id = $1", import) >= 400, TimeSpan.FromSeconds(20));

        var clock = Stopwatch.StartNew();
        await worker.TerminateAsync(TimeSpan.FromSeconds(15));

        Assert.Equal(0, worker.ExitCode);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"Stopping took {clock.Elapsed}.");
        var status = (await database.Reader.GetStatusAsync(database.App, Acme, job))!;
        Assert.True(status.State is JobStates.Succeeded or JobStates.Available, $"The job is {status.State}.");
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.workers"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.attempts"));
    }

    [Fact]
    [Trait("Req", "F9")]
    public async Task Worker_imports_100_000_rows_in_a_heap_of_64_megabytes()
    {
        const int Rows = 100_000;
        var file = new StringBuilder("name,email,phone\n");
        for (var i = 0; i < Rows; i++)
            file.Append(CultureInfo.InvariantCulture, $"Customer number {i} of the long file,customer.{i}@example.com,+4917{i:D8}\n");
        await using var database = await WorkerDatabase.CreateAsync();
        // 64 MB hold the Worker itself and a few batches, but not the rows of this file.
        await using var worker = await WorkerProcess.StartAsync(
            database, PortFinder.FreePort(), ("DOTNET_GCHeapHardLimit", "0x4000000"), ("Imports__BatchRows", "2000"));

        var (_, job) = await database.UploadAsync(Acme, Encoding.UTF8.GetBytes(file.ToString()));
        var status = await database.WaitForAsync(Acme, job, JobStates.Succeeded, TimeSpan.FromSeconds(60));

        Assert.Equal(1, status.Attempts);
        Assert.Equal((long)Rows, await database.ScalarAsync<long>("SELECT count(*) FROM contacts"));
    }

    [Fact]
    [Trait("Req", "J3")]
    public async Task Migrate_empty_database_ends_with_0_and_can_be_run_again()
    {
        await using var database = await TestDatabase.CreateAsync();
        for (var run = 0; run < 2; run++)
        {
            await using var migrate = WorkerProcess.Migrate(database.ConnectionString);
            Assert.True(await migrate.WaitForExitAsync(TimeSpan.FromSeconds(40)) == 0, string.Join('\n', migrate.Output));
        }

        await using var admin = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = admin.CreateCommand("SELECT count(*) FROM tenants");
        Assert.True((long)(await command.ExecuteScalarAsync())! > 0);
    }

    [Theory]
    [InlineData(null, "ConnectionStrings:platform-owner is not set")]
    [InlineData("Host=127.0.0.1;Port=1;Username=x;Password=hidden-secret;Database=y", "could not be migrated")]
    [Trait("Req", "J3")]
    public async Task Migrate_without_a_database_ends_with_1_and_one_clear_line(string? connectionString, string message)
    {
        await using var migrate = WorkerProcess.Migrate(connectionString);

        Assert.Equal(1, await migrate.WaitForExitAsync(TimeSpan.FromSeconds(40)));
        Assert.Single(migrate.Output, line => line.Contains(message, StringComparison.Ordinal));
        Assert.DoesNotContain(migrate.Output, line => line.Contains("hidden-secret", StringComparison.Ordinal));
        Assert.DoesNotContain(migrate.Output, line => line.Contains("   at ", StringComparison.Ordinal));
    }
}
