using System.Text.Json;
using Platform.Api.Tests.Auth;
using Platform.Tenancy;
using static Platform.Api.Tests.Jobs.JobAdminCalls;

namespace Platform.Api.Tests.Jobs;

/// <summary>No worker runs beside these: what becomes of jobs is written by hand.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "F8")]
public sealed class JobAdminTests(ApiFixture api)
{
    [Fact]
    public async Task List_shows_a_tenant_its_own_jobs_only_page_by_page()
    {
        var (tenant, client) = await api.AddJobTenantAsync(Permissions.JobsRead);
        var ids = new List<string>();
        for (var n = 0; n < 5; n++)
            ids.Add((await api.AddJobAsync(tenant)).ToString());
        await api.AddJobAsync(await api.AddTenantAsync());

        var seen = new List<string>();
        for (var cursor = ""; ;)
        {
            using var response = await client.GetAsync($"{Url}?limit=2{cursor}");
            var page = await response.JsonAsync();
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(job => job.Text("id")));
            Assert.Equal(JsonValueKind.Null, page.GetProperty("pagination").GetProperty("total").ValueKind);
            if (page.GetProperty("pagination").GetProperty("nextCursor").GetString() is not { } next)
                break;
            Assert.Contains("rel=\"next\"", response.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
            cursor = $"&cursor={next}";
        }
        // Within a millisecond any order will do.
        Assert.Equal(ids.OrderDescending(StringComparer.Ordinal), seen);
        var whole = await (await client.GetAsync(Url)).JsonAsync();
        Assert.Equal(5, whole.GetProperty("pagination").GetProperty("total").GetInt32());
    }

    [Theory]
    [InlineData("state=gone")]
    [InlineData("queue=%00")]
    [InlineData("type=a%20b")]
    [InlineData("page=2")]
    [InlineData("cursor=abc")]
    [InlineData("limit=0")]
    [InlineData("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z")]
    [InlineData("tenant=x")]
    public async Task List_with_a_bad_question_is_400(string query) => await (await (await api.Acme).GetAsync($"{Url}?{query}")).ProblemAsync(400);

    [Fact]
    public async Task List_filters_by_state()
    {
        var (tenant, client) = await api.AddJobTenantAsync(Permissions.JobsRead);
        await api.AddJobAsync(tenant);
        var dead = await api.AddJobAsync(tenant, "dead");

        var page = await (await client.GetAsync($"{Url}?state=dead")).JsonAsync();

        var job = Assert.Single(page.GetProperty("data").EnumerateArray());
        Assert.Equal((dead.ToString(), "dead", "broken"), (job.Text("id"), job.Text("state"), job.Text("error")));
    }

    [Fact]
    [Trait("Req", "B1")]
    public async Task Tenant_parameter_is_for_operators()
    {
        var (tenant, client) = await api.AddJobTenantAsync(Permissions.JobsRead, Permissions.JobsManage);
        var other = await api.AddTenantAsync();
        var job = await api.AddJobAsync(other, "dead");

        await (await client.GetAsync($"{Url}?tenant={other}")).ProblemAsync(403);
        await (await client.GetAsync($"{Url}/{job}?tenant={other}")).ProblemAsync(403);
        await (await client.PostAsync($"{Url}/{job}/retry?tenant={other}", null)).ProblemAsync(403);
        await (await client.PostAsync($"{Url}/redrive?tenant={other}", new { })).ProblemAsync(403);
        await (await client.PostAsync($"{Url}/pause?tenant={other}", null)).ProblemAsync(403);
        await (await client.PostAsync($"{Url}/{job}/retry", null)).ProblemAsync(404);
        await (await client.GetAsync($"{Url}/workers")).ProblemAsync(403);
        await (await client.GetAsync($"{Url}?tenant={tenant}")).JsonAsync();
        Assert.Equal("dead", await api.JobStateAsync(job));
    }

    [Fact]
    [Trait("Req", "B1")]
    public async Task Reading_needs_jobs_read_and_acting_jobs_manage()
    {
        var (tenant, reader) = await api.AddJobTenantAsync(Permissions.JobsRead);
        var (_, none) = await api.AddJobTenantAsync(Permissions.ContactsRead);
        var job = await api.AddJobAsync(tenant, "dead");
        foreach (var path in new[] { "", $"/{job}", "/queues", "/statistics" })
            await (await none.GetAsync(Url + path)).ProblemAsync(403);
        foreach (var path in new[] { $"/{job}/retry", $"/{job}/discard", $"/{job}/cancel", "/pause", "/resume", "/queues/emails/pause" })
            await (await reader.PostAsync(Url + path, null)).ProblemAsync(403);
        await (await reader.PostAsync($"{Url}/redrive", new { })).ProblemAsync(403);
        await (await reader.PostAsync($"{Url}/{job}/edit", new { payload = new { } })).ProblemAsync(403);
    }

    [Fact]
    [Trait("Req", "B4")]
    public async Task Payload_and_exceptions_are_for_operators_only()
    {
        var (tenant, client) = await api.AddJobTenantAsync(Permissions.JobsRead, Permissions.JobsManage);
        var job = await api.AddJobAsync(tenant, "dead");

        var masked = await (await client.GetAsync($"{Url}/{job}")).JsonAsync();
        var whole = await (await (await api.Operator).GetAsync($"{Url}/{job}")).JsonAsync();

        Assert.True(masked.GetProperty("payloadMasked").GetBoolean());
        Assert.Equal(
            $$"""{"to":"***","id":"{{Guid.Empty}}","n":"***","on":true,"list":["***",null]}""", masked.GetProperty("payload").GetRawText());
        Assert.DoesNotContain("somebody@example.com", masked.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("StackTrace", masked.GetRawText(), StringComparison.Ordinal);
        Assert.False(whole.GetProperty("payloadMasked").GetBoolean());
        Assert.Equal("somebody@example.com", whole.GetProperty("payload").Text("to"));
        var attempt = Assert.Single(whole.GetProperty("timeline").EnumerateArray());
        Assert.Equal(("failed", "broken", "StackTrace", 7), (attempt.Text("outcome"), attempt.Text("error"), attempt.Text("detail"), attempt.GetProperty("worker").GetInt32()));
        Assert.Equal(1, await api.NotesAsync("job.read", job));
    }

    [Fact]
    [Trait("Req", "F3")]
    public async Task Retry_discard_and_cancel_do_what_the_state_allows_and_leave_a_line()
    {
        var (tenant, client) = await api.AddJobTenantAsync(Permissions.JobsRead, Permissions.JobsManage);
        var (retried, discarded, waiting) = (await api.AddJobAsync(tenant, "dead"), await api.AddJobAsync(tenant, "dead"), await api.AddJobAsync(tenant));

        Assert.Equal("available", (await (await client.PostAsync($"{Url}/{retried}/retry", null)).JsonAsync()).Text("state"));
        Assert.Equal("failed", (await (await client.PostAsync($"{Url}/{discarded}/discard", null)).JsonAsync()).Text("state"));
        await (await client.PostAsync($"{Url}/{waiting}/cancel", null)).JsonAsync();
        await (await client.PostAsync($"{Url}/{waiting}/cancel", null)).JsonAsync();
        Assert.Contains("available", (await (await client.PostAsync($"{Url}/{retried}/retry", null)).ProblemAsync(409)).Text("detail"), StringComparison.Ordinal);
        await (await client.PostAsync($"{Url}/{discarded}/discard", null)).ProblemAsync(409);
        await (await client.PostAsync($"{Url}/{discarded}/cancel", null)).ProblemAsync(409);
        await (await client.PostAsync($"{Url}/{Guid.CreateVersion7()}/retry", null)).ProblemAsync(404);

        Assert.Equal(1, await api.ScalarAsync<long>("SELECT count(*) FROM jobs.cancellations WHERE job_id = $1", waiting));
        Assert.Equal(
            "job.cancel,job.cancel,job.discard,job.retry",
            await api.ScalarAsync<string>("SELECT string_agg(action, ',' ORDER BY action) FROM audit_log WHERE tenant_id = $1 AND action LIKE 'job.%'", tenant));
    }

    [Fact]
    [Trait("Req", "F3")]
    public async Task Redrive_retries_at_most_as_many_as_asked()
    {
        var (tenant, client) = await api.AddJobTenantAsync(Permissions.JobsManage);
        for (var n = 0; n < 3; n++)
            await api.AddJobAsync(tenant, "dead");

        Assert.Equal(0, (await (await client.PostAsync($"{Url}/redrive", new { type = "other" })).JsonAsync()).GetProperty("retried").GetInt32());
        Assert.Equal(2, (await (await client.PostAsync($"{Url}/redrive", new { queue = "emails", limit = 2 })).JsonAsync()).GetProperty("retried").GetInt32());
        Assert.Equal(["limit"], (await (await client.PostAsync($"{Url}/redrive", new { limit = 1001 })).ProblemAsync(422)).Fields());
        Assert.Equal(["queue"], (await (await client.PostAsync($"{Url}/redrive", new { queue = "a b" })).ProblemAsync(422)).Fields());
        await (await (await api.Operator).PostAsync($"{Url}/redrive", new { })).ProblemAsync(400);
        Assert.Equal(1, (await (await (await api.Operator).PostAsync($"{Url}/redrive?tenant={tenant}", new { })).JsonAsync()).GetProperty("retried").GetInt32());
        await (await (await api.Operator).PostAsync($"{Url}/redrive?tenant={Guid.NewGuid()}", new { })).ProblemAsync(404);
    }

    [Fact]
    [Trait("Req", "F3")]
    public async Task Edit_is_an_operators_and_takes_json_of_at_most_a_megabyte()
    {
        var (tenant, client) = await api.AddJobTenantAsync(Permissions.JobsRead, Permissions.JobsManage);
        var job = await api.AddJobAsync(tenant, "dead");
        var operators = await api.Operator;
        var url = $"{Url}/{job}/edit";

        await (await client.PostAsync(url, new { payload = new { a = 1 } })).ProblemAsync(403);
        Assert.Equal(["payload"], (await (await operators.PostAsync(url, new { })).ProblemAsync(422)).Fields());
        Assert.Equal(["payload"], (await (await operators.PostAsync(url, new { payload = (string?)null })).ProblemAsync(422)).Fields());
        await (await operators.PostAsync(url, new { payload = new string('x', 1024 * 1024) })).ProblemAsync(413);
        using (var broken = new StringContent("{\"payload\":{", null, "application/json"))
            await (await operators.PostAsync(new Uri(url, UriKind.Relative), broken)).ProblemAsync(400);
        await (await operators.PostAsync($"{Url}/{Guid.CreateVersion7()}/edit", new { payload = 1 })).ProblemAsync(404);
        Assert.Equal("dead", await api.JobStateAsync(job));

        Assert.Equal("available", (await (await operators.PostAsync(url, new { payload = new { to = "other" } })).JsonAsync()).Text("state"));

        Assert.Equal("other", (await (await operators.GetAsync($"{Url}/{job}")).JsonAsync()).GetProperty("payload").Text("to"));
        await (await operators.PostAsync(url, new { payload = 1 })).ProblemAsync(409);
        var line = await api.ScalarAsync<string>("SELECT detail::text FROM audit_log WHERE tenant_id = $1 AND action = 'job.edit'", tenant);
        Assert.Contains("operator", line, StringComparison.Ordinal);
        Assert.DoesNotContain("other", line, StringComparison.Ordinal);
        Assert.True(await api.NotesAsync("job.edit", job) >= 1);
    }
}
