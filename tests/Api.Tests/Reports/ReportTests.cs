using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Reports;
using Platform.Data.Security;
using Platform.Data.Seed;
using Platform.Tenancy;

namespace Platform.Api.Tests.Reports;

[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class ReportTests(ApiFixture api)
{
    private const string Url = "/api/reports";

    [Fact]
    public async Task Create_stores_the_report_with_its_job()
    {
        var client = await api.Acme;
        using var response = await client.PostAsync(
            Url, new { kind = "events", parameters = new { from = "2026-01-01T00:00:00Z", status = "confirmed" } });
        var created = await response.JsonAsync(HttpStatusCode.Created);

        Assert.Equal(("events", "Events", "queued"), (created.Text("kind"), created.Text("title"), created.Text("status")));
        var job = await (await client.GetAsync($"/api/jobs/{created.Text("jobId")}/status")).JsonAsync();
        Assert.Equal(("reports.build", "reports"), (job.Text("type"), job.Text("queue")));
        using var got = await client.GetAsync(response.Headers.Location);
        Assert.Equal(created.ToString(), (await got.JsonAsync()).ToString());
        await (await client.PostAsync($"{Url}/{created.Text("id")}/link", null)).ProblemAsync(409);

        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync(response.Headers.Location)).StatusCode);
        Assert.Equal(1L, await api.ScalarAsync<long>(
            "SELECT count(*) FROM jobs.cancellations WHERE job_id = $1", created.GetProperty("jobId").GetGuid()));
        await (await client.GetAsync(response.Headers.Location)).ProblemAsync(404);
    }

    [Fact]
    public async Task Create_with_invalid_fields_names_them()
    {
        (object Body, string[] Fields)[] cases =
        [
            (new { }, ["kind"]),
            (new { kind = "weather" }, ["kind"]),
            (new { kind = "contacts", parameters = new { status = "open" } }, ["parameters.status"]),
            (new { kind = "events", parameters = new { from = "2026-01-02T00:00:00Z", to = "2026-01-01T00:00:00Z" } }, ["parameters.to"]),
            (new { kind = "events", parameters = new { from = "0001-01-01T00:00:00Z" } }, ["parameters.from"]),
            (new { kind = "events", title = new string('x', 201) }, ["title"]),
        ];
        foreach (var (body, fields) in cases)
            Assert.Equal(fields, (await (await (await api.Acme).PostAsync(Url, body)).ProblemAsync(422)).Fields());
    }

    [Fact]
    [Trait("Req", "B7")]
    public async Task Report_shows_no_more_than_the_caller_may_read()
    {
        var agent = await api.AcmeAgent;
        await agent.CreateAsync(Url, new { kind = "contacts" });
        await (await agent.PostAsync(Url, new { kind = "billing" })).ProblemAsync(403);
        var report = await CompletedAsync(DemoAccounts.Acme, "billing", "secret figures");
        await (await agent.PostAsync($"{Url}/{report}/link", null)).ProblemAsync(403);
    }

    [Fact]
    public async Task Plan_without_reports_is_402() =>
        await (await (await api.Globex).PostAsync(Url, new { kind = "contacts" })).ProblemAsync(402);

    [Fact]
    public async Task Link_gives_the_whole_file_to_whoever_has_it()
    {
        var text = string.Concat(Enumerable.Range(0, 60_000).Select(i => $"line {i}\r\n"));
        var report = await CompletedAsync(DemoAccounts.Acme, "contacts", text);
        var link = await (await (await api.Acme).PostAsync($"{Url}/{report}/link", null)).JsonAsync();
        var lifetime = link.GetProperty("expiresAt").GetDateTimeOffset() - DateTimeOffset.UtcNow;
        Assert.InRange(lifetime, TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15));

        foreach (var client in new[] { api.Anonymous, await api.Globex })
        {
            using var file = await client.GetAsync(link.Text("url"));
            Assert.Equal(HttpStatusCode.OK, file.StatusCode);
            Assert.Equal("text/csv", file.Content.Headers.ContentType!.MediaType);
            Assert.Equal("report.csv", file.Content.Headers.ContentDisposition!.FileNameStar);
            Assert.Equal(text, await file.Content.ReadAsStringAsync());
        }
        Assert.Equal(HttpStatusCode.NoContent, (await (await api.Acme).DeleteAsync($"{Url}/{report}")).StatusCode);
        await (await api.Anonymous.GetAsync(link.Text("url"))).ProblemAsync(404);
        Assert.Equal(0L, await api.ScalarAsync<long>("SELECT count(*) FROM report_files WHERE report_id = $1", report));
    }

    [Fact]
    public async Task Link_that_expired_or_was_changed_is_404()
    {
        var report = await CompletedAsync(DemoAccounts.Acme, "contacts", "text");
        var early = new ReportLinks(
            api.Services.GetRequiredService<SecretProtector>(), api.Services.GetRequiredService<IOptions<ReportOptions>>(), new HourAgo());
        var good = (await (await (await api.Acme).PostAsync($"{Url}/{report}/link", null)).JsonAsync()).Text("url");

        foreach (var url in new[]
        {
            early.Create(new TenantId(DemoAccounts.Acme), report).Url, $"{good[..^3]}AAA", $"{Url}/download", $"{Url}/download?token=x",
            // Sealed for the other tenant, which has no such report.
            api.Services.GetRequiredService<ReportLinks>().Create(new TenantId(DemoAccounts.Globex), report).Url,
        })
            await (await api.Anonymous.GetAsync(url)).ProblemAsync(404);
    }

    [Fact]
    public async Task Expired_report_says_so_and_gives_no_link()
    {
        var report = await CompletedAsync(DemoAccounts.Acme, "contacts", "text", keep: "-1 minute");
        var client = await api.Acme;

        Assert.Equal("expired", (await (await client.GetAsync($"{Url}/{report}")).JsonAsync()).Text("status"));
        await (await client.PostAsync($"{Url}/{report}/link", null)).ProblemAsync(409);
    }

    [Fact]
    [Trait("Req", "D2")]
    public async Task List_pages_and_filters_and_shows_what_is_new()
    {
        var client = await api.Acme;
        await (await client.GetAsync($"{Url}?kind=campaigns")).JsonAsync();
        var id = (await client.CreateAsync(Url, new { kind = "campaigns" })).Text("id");

        var page = await (await client.GetAsync($"{Url}?kind=campaigns&status=queued&limit=1")).JsonAsync();
        Assert.Equal(id, page.GetProperty("data")[0].Text("id"));
        Assert.Equal(id, (await (await client.GetAsync($"{Url}?kind=campaigns")).JsonAsync()).GetProperty("data")[0].Text("id"));
        using var hit = await client.GetAsync($"{Url}?kind=campaigns");
        Assert.Equal("true", hit.Headers.GetValues("X-Cache-Hit").Single());
        await (await client.GetAsync($"{Url}?kind=weather")).ProblemAsync(400);
        await (await client.GetAsync($"{Url}?status=weather")).ProblemAsync(400);
    }

    [Fact]
    [Trait("Req", "D5")]
    public async Task Repeated_request_creates_one_report_and_one_job()
    {
        var client = await api.Acme;
        var (key, title) = (Guid.NewGuid().ToString(), $"Title {Guid.NewGuid()}");
        for (var i = 0; i < 3; i++)
            await (await client.PostAsync(Url, new { kind = "contacts", title }, key)).JsonAsync(HttpStatusCode.Created);

        Assert.Equal(1L, await api.ScalarAsync<long>("SELECT count(*) FROM reports WHERE title = $1", title));
    }

    /// <summary>A report with its file, as the worker leaves it.</summary>
    private async Task<Guid> CompletedAsync(Guid tenant, string kind, string text, string keep = "1 day")
    {
        var (id, bytes) = (Guid.CreateVersion7(), Encoding.UTF8.GetBytes(text));
        await api.ScalarAsync<int>(
            """
            INSERT INTO reports (tenant_id, id, kind, title, status, file_name, file_bytes, finished_at, expires_at)
            VALUES ($1, $2, $3, 'Title', 'completed', 'report.csv', $4, now(), now() + $5::interval) RETURNING 1
            """,
            tenant, id, kind, bytes.LongLength, keep);
        foreach (var (number, piece) in bytes.Chunk(262_144).Index())
        {
            await api.ScalarAsync<int>(
                "INSERT INTO report_files (tenant_id, report_id, number, content) VALUES ($1, $2, $3, $4) RETURNING 1",
                tenant, id, number, piece);
        }
        return id;
    }

    private sealed class HourAgo : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow.AddHours(-1);
    }
}
