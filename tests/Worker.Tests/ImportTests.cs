using System.Diagnostics;
using System.Text;
using Platform.Jobs;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

public sealed class ImportTests
{
    [Theory]
    [InlineData("contacts-10k")]
    [InlineData("contacts-semicolon")]
    [Trait("Req", "F9")]
    public async Task Import_sample_gives_exactly_the_expected_rows(string name)
    {
        var sample = Samples.Read(name);
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await ImportHost.StartAsync(database);
        var clock = Stopwatch.StartNew();

        var (import, job) = await database.UploadAsync(Acme, sample.File);
        var status = await database.WaitForAsync(Acme, job, JobStates.Succeeded);

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"The import took {clock.Elapsed}.");
        Assert.Equal(sample.Rejections, await database.RejectionsAsync(import));
        Assert.Equal(sample.Imported, await database.ScalarAsync<long>("SELECT count(*) FROM contacts"));
        Assert.Equal(sample.Imported, await database.ScalarAsync<long>("SELECT count(*) FROM contacts WHERE tenant_id = $1", Acme.Value));
        Assert.Equal("completed", await database.ScalarAsync<string>("SELECT status FROM imports WHERE id = $1", import));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM import_chunks"));
        var result = status.Result!.Value;
        Assert.Equal(import, result.GetProperty("importId").GetGuid());
        Assert.Equal((sample.Imported, sample.Rejected, sample.Rows), (
            result.GetProperty("imported").GetInt64(), result.GetProperty("rejected").GetInt64(), result.GetProperty("total").GetInt64()));
        Assert.Equal(new JobProgress(sample.Rows, sample.Rows, 100), status.Progress);
    }

    [Fact]
    [Trait("Req", "G3")]
    public async Task Import_tells_of_each_batch_and_of_the_end_after_the_commit()
    {
        var sample = Samples.Read("contacts-10k");
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await ImportHost.StartAsync(database);

        var (_, job) = await database.UploadAsync(Acme, sample.File);
        await database.WaitForAsync(Acme, job, JobStates.Succeeded);

        var types = host.Events.Select(e => e.Event.Type).ToList();
        Assert.Equal(5, types.Count(type => type == "contacts.changed"));
        Assert.Equal(5, types.Count(type => type == "import.progress"));
        Assert.Equal("import.completed", types[^1]);
        Assert.Equal(sample.Imported, host.Events.Where(e => e.Event.Type == "contacts.changed").Sum(e => e.Event.Data.GetProperty("count").GetInt64()));
        Assert.All(host.Events, e => Assert.Equal(Acme, e.Tenant));
    }

    [Fact]
    [Trait("Req", "F4")]
    public async Task Import_fault_after_a_commit_goes_on_from_there()
    {
        var sample = Samples.Read("contacts-10k");
        await using var database = await WorkerDatabase.CreateAsync();
        var faults = 0;
        await using var host = await ImportHost.StartAsync(database, batchRows: 500, onEvent: e =>
        {
            if (e.Type == "import.progress" && Interlocked.Increment(ref faults) is 3 or 4)
                throw new IOException("The fault of this test.");
        });

        var (import, job) = await database.UploadAsync(Acme, sample.File);
        var status = await database.WaitForAsync(Acme, job, JobStates.Succeeded, TimeSpan.FromSeconds(40));

        Assert.Equal(3, status.Attempts);
        Assert.Equal(sample.Rejections, await database.RejectionsAsync(import));
        Assert.Equal(sample.Imported, await database.ScalarAsync<long>("SELECT count(*) FROM contacts"));
    }

    [Fact]
    [Trait("Req", "F9")]
    public async Task Import_same_file_again_rejects_every_row_that_was_imported()
    {
        var sample = Samples.Read("contacts-semicolon");
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await ImportHost.StartAsync(database);
        var (_, first) = await database.UploadAsync(Acme, sample.File);
        await database.WaitForAsync(Acme, first, JobStates.Succeeded);

        var (import, second) = await database.UploadAsync(Acme, sample.File);
        await database.WaitForAsync(Acme, second, JobStates.Succeeded);
        var (_, others) = await database.UploadAsync(Globex, sample.File);
        await database.WaitForAsync(Globex, others, JobStates.Succeeded);

        Assert.Equal(sample.Rows, (await database.RejectionsAsync(import)).Count);
        Assert.Equal(sample.Imported, await database.ScalarAsync<long>("SELECT count(*) FROM contacts WHERE tenant_id = $1", Acme.Value));
        Assert.Equal(sample.Imported, await database.ScalarAsync<long>("SELECT count(*) FROM contacts WHERE tenant_id = $1", Globex.Value));
    }

    [Fact]
    [Trait("Req", "F9")]
    public async Task Import_duplicates_are_judged_in_the_files_order()
    {
        const string File = """
            Phone;Name;Email
            +491701234567;First;first@example.com
            +491701234567;Same phone;later@example.com
            +491701111111;Later;LATER@example.com
            0170 / 222-2222;Both;First@Example.com
            +491701111111;Again;later@EXAMPLE.com
            """;
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await ImportHost.StartAsync(database, batchRows: 2);

        var (import, job) = await database.UploadAsync(Acme, Encoding.UTF8.GetBytes(File));
        await database.WaitForAsync(Acme, job, JobStates.Succeeded);

        Assert.Equal([(2L, "duplicate_phone"), (4L, "duplicate_email"), (5L, "duplicate_email")], await database.RejectionsAsync(import));
    }

    [Theory]
    [InlineData("E-Mail;Name;Notes\nada@example.com;Ada;likes engines\n")]
    [InlineData("\n\nphone,name\n+15550100,Ada\n")]
    [Trait("Req", "F9")]
    public async Task Import_takes_every_header_the_upload_takes(string text)
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await ImportHost.StartAsync(database);

        var (_, job) = await database.UploadAsync(Acme, Encoding.UTF8.GetBytes(text));
        var status = await database.WaitForAsync(Acme, job, JobStates.Succeeded);

        Assert.Equal(1, status.Result!.Value.GetProperty("imported").GetInt64());
        Assert.Equal("Ada", await database.ScalarAsync<string>("SELECT name FROM contacts"));
    }

    [Theory]
    [InlineData("name,email,phone\nÄrger,a@example.com,\n", "ISO-8859-1", "UTF-8")]
    [InlineData("name,email,phone\nA,a@example.com,\n", "UTF-16", "UTF-8")]
    [InlineData("first,last\nA,B\n", "UTF-8", "must name its columns")]
    [InlineData("\n\n", "UTF-8", "empty")]
    [Trait("Req", "F9")]
    public async Task Import_broken_file_is_dead_at_once_with_a_clear_reason(string text, string encoding, string reason)
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await ImportHost.StartAsync(database);
        var bytes = Encoding.GetEncoding(encoding).GetPreamble().Concat(Encoding.GetEncoding(encoding).GetBytes(text)).ToArray();

        var (import, job) = await database.UploadAsync(Acme, bytes);
        var status = await database.WaitForAsync(Acme, job, JobStates.Dead);

        Assert.Equal(1, status.Attempts);
        Assert.Contains(reason, status.Error, StringComparison.Ordinal);
        Assert.Equal("failed", await database.ScalarAsync<string>("SELECT status FROM imports WHERE id = $1", import));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM contacts"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM import_chunks"));
    }

    [Fact]
    [Trait("Req", "F9")]
    public async Task Import_encoding_broken_at_the_end_writes_nothing()
    {
        var bytes = Samples.Read("contacts-10k").File;
        bytes = [.. bytes, 0xC3, 0x28];
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await ImportHost.StartAsync(database);

        var (_, job) = await database.UploadAsync(Acme, bytes);
        var status = await database.WaitForAsync(Acme, job, JobStates.Dead);

        Assert.Contains("UTF-8", status.Error, StringComparison.Ordinal);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM contacts"));
    }

    [Fact]
    [Trait("Req", "F9")]
    public async Task Import_open_quote_is_refused_without_reading_the_rest_into_memory()
    {
        var text = "name,email,phone\n\"open,a@example.com,\n" + new string('x', 1_000_000);
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await ImportHost.StartAsync(database);

        var (_, job) = await database.UploadAsync(Acme, Encoding.UTF8.GetBytes(text));
        var status = await database.WaitForAsync(Acme, job, JobStates.Dead);

        Assert.Contains("quote", status.Error, StringComparison.Ordinal);
    }
}
