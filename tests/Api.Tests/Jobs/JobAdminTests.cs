using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Api.Tests.Auth;
using Platform.Tenancy;

namespace Platform.Api.Tests.Jobs;

/// <summary>No worker runs beside these: what becomes of jobs is written by hand.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "F8")]
public sealed class JobAdminTests(ApiFixture api)
{
    private const string Url = "/api/admin/jobs";

    [Fact]
    public async Task List_shows_a_tenant_its_own_jobs_only_page_by_page()
    {
        var (tenant, client) = await TenantAsync(Permissions.JobsRead);
        var ids = new List<string>();
        for (var n = 0; n < 5; n++)
            ids.Add((await AddAsync(tenant)).ToString());
        await AddAsync(await api.AddTenantAsync());

        var seen = new List<string>();
        for (var cursor = ""; ;)
        {
            using var response = await client.GetAsync($"{Url}?limit=2{cursor}");
            var page = await response.JsonAsync();
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(job => job.Text("id")));
            if (page.GetProperty("pagination").GetProperty("nextCursor").GetString() is not { } next)
                break;
            Assert.Contains("rel=\"next\"", response.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
            cursor = $"&cursor={next}";
        }
        // Within a millisecond any order will do.
        Assert.Equal(ids.OrderDescending(StringComparer.Ordinal), seen);
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
        var (tenant, client) = await TenantAsync(Permissions.JobsRead);
        await AddAsync(tenant);
        var dead = await AddAsync(tenant, "dead");

        var page = await (await client.GetAsync($"{Url}?state=dead")).JsonAsync();

        var job = Assert.Single(page.GetProperty("data").EnumerateArray());
        Assert.Equal((dead.ToString(), "dead", "broken"), (job.Text("id"), job.Text("state"), job.Text("error")));
    }

    [Fact]
    [Trait("Req", "B1")]
    public async Task Tenant_parameter_is_for_operators()
    {
        var (tenant, client) = await TenantAsync(Permissions.JobsRead, Permissions.JobsManage);
        var other = await api.AddTenantAsync();
        var job = await AddAsync(other, "dead");

        await (await client.GetAsync($"{Url}?tenant={other}")).ProblemAsync(403);
        await (await client.GetAsync($"{Url}/{job}?tenant={other}")).ProblemAsync(403);
        await (await client.PostAsync($"{Url}/{job}/retry?tenant={other}", null)).ProblemAsync(403);
        await (await client.PostAsync($"{Url}/redrive?tenant={other}", new { })).ProblemAsync(403);
        await (await client.PostAsync($"{Url}/pause?tenant={other}", null)).ProblemAsync(403);
        await (await client.PostAsync($"{Url}/{job}/retry", null)).ProblemAsync(404);
        await (await client.GetAsync($"{Url}/workers")).ProblemAsync(403);
        await (await client.GetAsync($"{Url}?tenant={tenant}")).JsonAsync();
        Assert.Equal("dead", await StateAsync(job));
    }

    [Fact]
    [Trait("Req", "B1")]
    public async Task Reading_needs_jobs_read_and_acting_jobs_manage()
    {
        var (tenant, reader) = await TenantAsync(Permissions.JobsRead);
        var (_, none) = await TenantAsync(Permissions.ContactsRead);
        var job = await AddAsync(tenant, "dead");
        foreach (var path in new[] { "", $"/{job}", "/queues" })
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
        var (tenant, client) = await TenantAsync(Permissions.JobsRead, Permissions.JobsManage);
        var job = await AddAsync(tenant, "dead");

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
        Assert.Equal(1, await NotesAsync("job.read", job));
    }

    [Fact]
    [Trait("Req", "F3")]
    public async Task Retry_discard_and_cancel_do_what_the_state_allows_and_leave_a_line()
    {
        var (tenant, client) = await TenantAsync(Permissions.JobsRead, Permissions.JobsManage);
        var (retried, discarded, waiting) = (await AddAsync(tenant, "dead"), await AddAsync(tenant, "dead"), await AddAsync(tenant));

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
        var (tenant, client) = await TenantAsync(Permissions.JobsManage);
        for (var n = 0; n < 3; n++)
            await AddAsync(tenant, "dead");

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
        var (tenant, client) = await TenantAsync(Permissions.JobsRead, Permissions.JobsManage);
        var job = await AddAsync(tenant, "dead");
        var operators = await api.Operator;
        var url = $"{Url}/{job}/edit";

        await (await client.PostAsync(url, new { payload = new { a = 1 } })).ProblemAsync(403);
        Assert.Equal(["payload"], (await (await operators.PostAsync(url, new { })).ProblemAsync(422)).Fields());
        Assert.Equal(["payload"], (await (await operators.PostAsync(url, new { payload = (string?)null })).ProblemAsync(422)).Fields());
        await (await operators.PostAsync(url, new { payload = new string('x', 1024 * 1024) })).ProblemAsync(413);
        using (var broken = new StringContent("{\"payload\":{", null, "application/json"))
            await (await operators.PostAsync(new Uri(url, UriKind.Relative), broken)).ProblemAsync(400);
        await (await operators.PostAsync($"{Url}/{Guid.CreateVersion7()}/edit", new { payload = 1 })).ProblemAsync(404);
        Assert.Equal("dead", await StateAsync(job));

        Assert.Equal("available", (await (await operators.PostAsync(url, new { payload = new { to = "other" } })).JsonAsync()).Text("state"));

        Assert.Equal("other", (await (await operators.GetAsync($"{Url}/{job}")).JsonAsync()).GetProperty("payload").Text("to"));
        await (await operators.PostAsync(url, new { payload = 1 })).ProblemAsync(409);
        var line = await api.ScalarAsync<string>("SELECT detail::text FROM audit_log WHERE tenant_id = $1 AND action = 'job.edit'", tenant);
        Assert.Contains("operator", line, StringComparison.Ordinal);
        Assert.DoesNotContain("other", line, StringComparison.Ordinal);
        Assert.True(await NotesAsync("job.edit", job) >= 1);
    }

    [Fact]
    [Trait("Req", "F2")]
    public async Task Pause_of_a_tenant_is_its_own_and_of_a_queue_for_all_an_operators()
    {
        var (tenant, client) = await TenantAsync(Permissions.JobsRead, Permissions.JobsManage);
        var operators = await api.Operator;
        async Task PostAsync(HttpClient caller, string path) =>
            Assert.Equal(HttpStatusCode.NoContent, (await caller.PostAsync(new Uri(Url + path, UriKind.Relative), null)).StatusCode);

        await PostAsync(client, "/pause");
        await PostAsync(client, "/queues/emails/pause");
        Assert.Equal(2, await PausesAsync(tenant));
        Assert.True((await QueueAsync(client, "imports")).GetProperty("pausedAt").ValueKind == JsonValueKind.String);
        await PostAsync(client, "/resume");
        Assert.Equal(0, await PausesAsync(tenant));
        await PostAsync(operators, $"/pause?tenant={tenant}");
        Assert.Equal(1, await PausesAsync(tenant));
        await PostAsync(operators, $"/resume?tenant={tenant}");
        await (await operators.PostAsync($"{Url}/pause", null)).ProblemAsync(400);
        await (await client.PostAsync($"{Url}/queues/unknown/pause", null)).ProblemAsync(404);

        await PostAsync(operators, "/queues/maintenance/pause");
        var queue = await QueueAsync(client, "maintenance");
        Assert.True(queue.GetProperty("pausedForAll").GetBoolean());
        await PostAsync(client, "/queues/maintenance/resume");
        Assert.True((await QueueAsync(operators, "maintenance")).GetProperty("pausedForAll").GetBoolean());
        await PostAsync(operators, "/queues/maintenance/resume");
        Assert.Equal(JsonValueKind.Null, (await QueueAsync(client, "maintenance")).GetProperty("pausedAt").ValueKind);
    }

    [Fact]
    public async Task Queues_count_a_tenants_jobs_for_it_and_all_for_operators()
    {
        var (tenant, client) = await TenantAsync(Permissions.JobsRead);
        await AddAsync(tenant);
        await AddAsync(await api.AddTenantAsync());

        Assert.Equal(1, (await QueueAsync(client, "emails")).GetProperty("waiting").GetInt64());
        Assert.True((await QueueAsync(await api.Operator, "emails")).GetProperty("waiting").GetInt64() >= 2);
        Assert.Equal(1, (await QueueAsync(await api.Operator, "emails", $"?tenant={tenant}")).GetProperty("waiting").GetInt64());
    }

    [Fact]
    public async Task Operators_see_all_tenants_jobs_and_workers_and_each_look_is_noted()
    {
        var (first, second) = (await AddAsync(await api.AddTenantAsync()), await AddAsync(await api.AddTenantAsync(), "dead"));
        var worker = await api.ScalarAsync<int>(
            """
            INSERT INTO jobs.workers (id, name, queues, heartbeat_at, expires_at) OVERRIDING SYSTEM VALUE
            VALUES (4711, 'here:1', '{emails}', now(), now() + interval '1 hour') RETURNING id
            """);
        var lost = await api.ScalarAsync<int>(
            """
            INSERT INTO jobs.workers (id, name, queues, heartbeat_at, expires_at) OVERRIDING SYSTEM VALUE
            VALUES (4712, 'gone:1', '{emails}', now() - interval '1 hour', now() - interval '59 minutes') RETURNING id
            """);
        await api.ScalarAsync<long>("UPDATE jobs.pending SET worker = $2, attempt = 1, started_at = now() WHERE id = $1 RETURNING seq", first, worker);
        var operators = await api.Operator;
        var before = await api.ScalarAsync<long>("SELECT count(*) FROM operator_audit WHERE action = 'jobs.search'");

        // Of one type, for other tests' jobs may be of a time to come.
        var page = await (await operators.GetAsync($"{Url}?limit=50&type=emails.test")).JsonAsync();
        var dead = await (await operators.GetAsync($"{Url}?limit=50&type=emails.test&state=dead")).JsonAsync();
        var workers = await (await operators.GetAsync($"{Url}/workers")).JsonAsync();

        string[] Ids(JsonElement list) => [.. list.GetProperty("data").EnumerateArray().Select(job => job.Text("id"))];
        Assert.Contains(first.ToString(), Ids(page));
        Assert.Contains(second.ToString(), Ids(page));
        Assert.Contains(second.ToString(), Ids(dead));
        Assert.DoesNotContain(first.ToString(), Ids(dead));
        var one = Assert.Single(workers.GetProperty("workers").EnumerateArray(), w => w.GetProperty("id").GetInt32() == worker);
        Assert.Equal(("here:1", 1, JsonValueKind.Null), (one.Text("name"), one.GetProperty("running").GetInt32(), one.GetProperty("lostAt").ValueKind));
        var gone = Assert.Single(workers.GetProperty("workers").EnumerateArray(), w => w.GetProperty("id").GetInt32() == lost);
        Assert.Equal(gone.Text("expiresAt"), gone.Text("lostAt"));
        Assert.Equal(before + 2, await api.ScalarAsync<long>("SELECT count(*) FROM operator_audit WHERE action = 'jobs.search'"));
    }

    [Fact]
    public async Task Statistics_of_the_queues_are_for_operators()
    {
        await api.ScalarAsync<long>(
            """
            INSERT INTO jobs.statistics (minute, queue, depth, running, oldest_seconds, completed)
            VALUES (date_trunc('minute', now()) - interval '2 minutes', 'statistics-test', 5, 1, 2.5, 7) RETURNING completed
            """);
        var operators = await api.Operator;

        var report = await (await operators.GetAsync($"{Url}/statistics?window=10&queue=statistics-test")).JsonAsync();

        var series = Assert.Single(report.GetProperty("series").EnumerateArray());
        Assert.Equal(("statistics-test", 60), (series.Text("queue"), series.GetProperty("stepSeconds").GetInt32()));
        var sample = Assert.Single(series.GetProperty("samples").EnumerateArray());
        Assert.Equal((5, 7), (sample.GetProperty("depth").GetInt32(), sample.GetProperty("completed").GetInt32()));
        await (await (await api.Acme).GetAsync($"{Url}/statistics")).ProblemAsync(403);
        foreach (var query in new[] { "window=0", "window=10081", "points=0", "queue=a%20b" })
            await (await operators.GetAsync($"{Url}/statistics?{query}")).ProblemAsync(400);
    }

    [Fact]
    [Trait("Req", "F3")]
    public async Task Operators_tend_the_deployments_own_jobs()
    {
        var job = await AddAsync(PlatformTenant.Id.Value, "dead");
        var operators = await api.Operator;

        Assert.Equal("available", (await (await operators.PostAsync($"{Url}/{job}/retry", null)).JsonAsync()).Text("state"));

        Assert.Equal(1, await NotesAsync("job.retry", job));
        var own = await (await operators.GetAsync($"{Url}?tenant={PlatformTenant.Id}")).JsonAsync();
        Assert.Contains(own.GetProperty("data").EnumerateArray(), row => row.Text("id") == job.ToString());
    }

    [Fact]
    [Trait("Req", "B1")]
    public async Task Database_itself_refuses_who_is_no_operator()
    {
        var user = await api.AddUserAsync(await api.AddTenantAsync());
        await using var source = Npgsql.NpgsqlDataSource.Create(api.AppConnectionString);
        foreach (var call in new[]
        {
            $"jobs.operator_search('{user.Id}', NULL, NULL, NULL, '{Guid.Empty}', '{Guid.CreateVersion7()}', 10, 10, now())",
            $"jobs.operator_find('{user.Id}', '{Guid.CreateVersion7()}', 'job.read', now())",
            $"jobs.operator_queues('{user.Id}', '{{emails}}', 10)", $"jobs.operator_workers('{user.Id}', 10)",
            $"jobs.operator_pause('{user.Id}', 'emails', true, now())",
        })
        {
            await using var command = source.CreateCommand($"SELECT * FROM {call}");
            Assert.Equal("42501", (await Assert.ThrowsAsync<Npgsql.PostgresException>(() => command.ExecuteScalarAsync())).SqlState);
        }
    }

    private async Task<(Guid Tenant, HttpClient Client)> TenantAsync(params string[] permissions)
    {
        var tenant = await api.AddTenantAsync();
        return (tenant, await api.SignInAsync(await api.AddUserAsync(tenant, permissions)));
    }

    /// <summary>A job as if a service had enqueued it, and, for a state, as if it had ended so at its first attempt.</summary>
    private async Task<Guid> AddAsync(Guid tenant, string? ended = null)
    {
        var id = await api.ScalarAsync<Guid>(
            """
            WITH hot AS (
                INSERT INTO jobs.pending (id, tenant_id, run_at, max_attempts, priority, wait, queue)
                VALUES ($1, $2, now(), 3, 50, 0, 'emails') RETURNING seq)
            INSERT INTO jobs.job (id, seq, tenant_id, timeout_seconds, retention_days, max_attempts, priority, type, queue, payload)
            SELECT $1, seq, $2, 60, 7, 3, 50, 'emails.test', 'emails', $3::json FROM hot RETURNING id
            """,
            Guid.CreateVersion7(), tenant, $$"""{"to":"somebody@example.com","id":"{{Guid.Empty}}","n":5,"on":true,"list":["x",null]}""");
        if (ended is not null)
        {
            await api.ScalarAsync<Guid>(
                """
                WITH gone AS (DELETE FROM jobs.pending WHERE id = $1),
                history AS (
                    INSERT INTO jobs.attempts (job_id, tenant_id, attempt, started_at, finished_at, worker, error, detail)
                    VALUES ($1, $2, 1, now(), now(), 7, 'broken', 'StackTrace'))
                INSERT INTO jobs.finished (id, tenant_id, started_at, finished_at, attempt, state, error)
                VALUES ($1, $2, now(), now(), 1, $3, 'broken') RETURNING id
                """,
                id, tenant, ended);
        }
        return id;
    }

    private static async Task<JsonElement> QueueAsync(HttpClient client, string name, string query = "") =>
        (await (await client.GetAsync($"{Url}/queues{query}")).JsonAsync()).GetProperty("queues").EnumerateArray().Single(queue => queue.Text("name") == name);

    private Task<string> StateAsync(Guid job) => api.ScalarAsync<string>("SELECT state FROM jobs.finished WHERE id = $1", job);

    private Task<long> PausesAsync(Guid tenant) => api.ScalarAsync<long>("SELECT count(*) FROM jobs.paused_tenants WHERE tenant_id = $1", tenant);

    private Task<long> NotesAsync(string action, Guid subject) =>
        api.ScalarAsync<long>("SELECT count(*) FROM operator_audit WHERE action = $1 AND subject = $2", action, subject.ToString());
}
