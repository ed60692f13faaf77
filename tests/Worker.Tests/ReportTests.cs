using Platform.Caching;
using Platform.Data.Reports;
using Platform.Jobs;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

[Trait("Req", "F9")]
public sealed class ReportTests
{
    [Fact]
    public async Task Report_is_the_tenants_rows_as_csv_with_formulas_disarmed()
    {
        await using var database = await CreateAsync();
        await AddContactAsync(database, Acme.Value, "=HYPERLINK(\"http://x\",\"click\")", "a@x.example", null);
        await AddContactAsync(database, Acme.Value, "Zoë, \"Z\"", "@sum.example@x.example", "+15550100");
        await AddContactAsync(database, Globex.Value, "Not theirs", "b@x.example", null);
        await using var host = await ReportHost.StartAsync(database);

        var (report, job) = await database.AskAsync(Acme, ReportKinds.Contacts);
        var status = await database.WaitForAsync(Acme, job, JobStates.Succeeded);

        var lines = (await database.FileAsync(report)).Split("\r\n");
        Assert.Equal("\uFEFFid,name,email,phone,created_at,updated_at", lines[0]);
        Assert.Equal(4, lines.Length);
        Assert.Contains(",\"'=HYPERLINK(\"\"http://x\"\",\"\"click\"\")\",\"a@x.example\",,20", lines[1], StringComparison.Ordinal);
        Assert.Contains(",\"Zoë, \"\"Z\"\"\",\"'@sum.example@x.example\",\"'+15550100\",20", lines[2], StringComparison.Ordinal);
        Assert.Equal(2, status.Result!.Value.GetProperty("rows").GetInt64());
        Assert.Equal("completed 2 7 days", await database.ScalarAsync<string>(
            """
            SELECT status || ' ' || rows || ' ' || (expires_at - finished_at) FROM reports
            WHERE id = $1 AND file_bytes = (SELECT sum(length(content)) FROM report_files WHERE report_id = $1)
            """, report));
        Assert.Equal(["report.running", "report.completed"], host.Events.Select(e => e.Event.Type));
    }

    [Fact]
    public async Task Large_report_is_cut_into_even_pieces_and_tells_its_progress()
    {
        await using var database = await CreateAsync();
        await database.ScalarAsync<long>(
            """
            WITH added AS (
                INSERT INTO contacts (tenant_id, id, name, email)
                SELECT $1, uuidv7(), 'Contact ' || n, 'c' || n || '@x.example' FROM generate_series(1, 20000) AS n RETURNING 1)
            SELECT count(*) FROM added
            """, Acme.Value);
        await using var host = await ReportHost.StartAsync(database);

        var (report, job) = await database.AskAsync(Acme, ReportKinds.Contacts);
        var status = await database.WaitForAsync(Acme, job, JobStates.Succeeded);

        var lines = (await database.FileAsync(report)).Split("\r\n");
        Assert.Equal(20_002, lines.Length);
        Assert.Equal(20_000, lines[1..^1].Select(line => line[..36]).Distinct().Count());
        Assert.Equal(new JobProgress(20_000, 20_000, 100), status.Progress);
        Assert.Equal(0L, await database.ScalarAsync<long>(
            """
            SELECT count(*) FROM report_files WHERE report_id = $1 AND length(content) <> 262144
              AND number < (SELECT max(number) FROM report_files WHERE report_id = $1)
            """, report));
    }

    [Theory]
    [InlineData(ReportKinds.Contacts, "contacts")]
    [InlineData(ReportKinds.Conversations, "conversations")]
    [InlineData(ReportKinds.Campaigns, "campaigns")]
    [InlineData(ReportKinds.Events, "events")]
    [InlineData(ReportKinds.Billing, "invoices")]
    public async Task Every_kind_can_be_built(string kind, string table)
    {
        await using var database = await CreateAsync();
        await using var host = await ReportHost.StartAsync(database);

        var (_, all) = await database.AskAsync(Acme, kind);
        var (_, none) = await database.AskAsync(Acme, kind, """{"from":"2001-01-01T00:00:00Z","to":"2001-01-02T00:00:00Z"}""");
        var rows = (await database.WaitForAsync(Acme, all, JobStates.Succeeded)).Result!.Value.GetProperty("rows").GetInt64();

        Assert.Equal(await database.ScalarAsync<long>($"SELECT count(*) FROM {table} WHERE tenant_id = $1", Acme.Value), rows);
        Assert.Equal(0, (await database.WaitForAsync(Acme, none, JobStates.Succeeded)).Result!.Value.GetProperty("rows").GetInt64());
    }

    [Fact]
    [Trait("Req", "F4")]
    public async Task Attempt_after_one_that_died_starts_over()
    {
        await using var database = await CreateAsync();
        await AddContactAsync(database, Acme.Value, "Ada", "ada@x.example", null);
        var (report, job) = await database.AskAsync(Acme, ReportKinds.Contacts, status: "running");
        await database.ScalarAsync<int>(
            "INSERT INTO report_files (tenant_id, report_id, number, content) VALUES ($1, $2, 0, 'left'), ($1, $2, 1, 'over') RETURNING 1",
            Acme.Value, report);
        var faults = 0;
        await using var host = await ReportHost.StartAsync(database, e =>
        {
            if (e.Type == "report.running" && Interlocked.Increment(ref faults) == 1)
                throw new IOException("The fault of this test.");
        });

        var status = await database.WaitForAsync(Acme, job, JobStates.Succeeded, TimeSpan.FromSeconds(60));

        Assert.Equal(2, status.Attempts);
        Assert.Equal(3, (await database.FileAsync(report)).Split("\r\n").Length);
        Assert.Equal("completed", await database.ScalarAsync<string>("SELECT status FROM reports WHERE id = $1", report));
    }

    [Fact]
    public async Task Report_that_was_deleted_is_nothing_to_do_and_one_of_an_unknown_kind_fails_at_once()
    {
        await using var database = await CreateAsync();
        var (deleted, first) = await database.AskAsync(Acme, ReportKinds.Contacts);
        await database.ScalarAsync<int>("DELETE FROM reports WHERE id = $1 RETURNING 1", deleted);
        var (unknown, second) = await database.AskAsync(Acme, "weather");
        await using var host = await ReportHost.StartAsync(database);

        await database.WaitForAsync(Acme, first, JobStates.Succeeded);
        Assert.Contains("weather", (await database.WaitForAsync(Acme, second, JobStates.Dead)).Error, StringComparison.Ordinal);
        Assert.Equal("failed", await database.ScalarAsync<string>("SELECT status FROM reports WHERE id = $1", unknown));
        Assert.Equal("report.failed", host.Events.Last().Event.Type);
    }

    [Fact]
    [Trait("Req", "C2")]
    public async Task Finished_report_drops_what_was_cached_of_reports()
    {
        await using var database = await CreateAsync();
        await using var host = await ReportHost.StartAsync(database);
        var key = CacheKey.Create(Acme, CacheKinds.Reports, [CacheTag.For(Acme, ReportFile.CacheSubject)], "test", $"{Guid.NewGuid()}");
        Task<Cached<string>> ReadAsync(string value) => host.Cache.GetOrCreateAsync(key, _ => Task.FromResult(value)).AsTask();
        Assert.Equal("before", (await ReadAsync("before")).Value);
        Assert.Equal("before", (await ReadAsync("unread")).Value);

        var (_, job) = await database.AskAsync(Acme, ReportKinds.Campaigns);
        await database.WaitForAsync(Acme, job, JobStates.Succeeded);

        Assert.Equal("after", (await ReadAsync("after")).Value);
    }

    private static Task<int> AddContactAsync(WorkerDatabase database, Guid tenant, string name, string email, string? phone) =>
        database.ScalarAsync<int>(
            "INSERT INTO contacts (tenant_id, id, name, email, phone) VALUES ($1, uuidv7(), $2, $3, NULLIF($4, '')) RETURNING 1",
            tenant, name, email, phone ?? "");
}
