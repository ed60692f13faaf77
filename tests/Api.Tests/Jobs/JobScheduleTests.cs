using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Platform.Api.Tests.Auth;
using Platform.Tenancy;

namespace Platform.Api.Tests.Jobs;

[Collection(ApiTests.Name)]
[Trait("Req", "F8")]
public sealed class JobScheduleTests(ApiFixture api)
{
    private const string Url = "/api/admin/jobs/schedules";

    [Fact]
    public async Task Tenants_people_see_and_pause_their_own_schedules()
    {
        var tenant = await api.AddTenantAsync();
        var client = await api.SignInAsync(await api.AddUserAsync(tenant, Permissions.JobsRead, Permissions.JobsManage));
        var (own, other) = (await AddAsync(tenant), await AddAsync(await api.AddTenantAsync()));

        var schedule = Assert.Single((await (await client.GetAsync(Url)).JsonAsync()).GetProperty("data").EnumerateArray());
        Assert.Equal((own.ToString(), "***"), (schedule.Text("id"), schedule.GetProperty("payload").Text("to")));
        Assert.Equal(5, schedule.GetProperty("nextRuns").GetArrayLength());
        Assert.Equal(JsonValueKind.String, (await (await client.PostAsync($"{Url}/{own}/pause", null)).JsonAsync()).GetProperty("pausedAt").ValueKind);
        var resumed = await (await client.PostAsync($"{Url}/{own}/resume", null)).JsonAsync();
        Assert.Equal(JsonValueKind.Null, resumed.GetProperty("pausedAt").ValueKind);
        Assert.Empty((await (await client.GetAsync($"{Url}/{own}/runs")).JsonAsync()).GetProperty("data").EnumerateArray());
        await (await client.PostAsync($"{Url}/{other}/pause", null)).ProblemAsync(404);
        await (await client.GetAsync($"{Url}/{other}/runs")).ProblemAsync(404);
        Assert.Equal(2, await api.ScalarAsync<long>("SELECT count(*) FROM audit_log WHERE tenant_id = $1 AND action LIKE 'schedule.%'", tenant));
    }

    [Fact]
    public async Task Operators_see_the_platforms_own_and_a_tenants_when_they_name_it()
    {
        var tenant = await api.AddTenantAsync();
        var (own, theirs) = (await AddAsync(PlatformTenant.Id.Value), await AddAsync(tenant));
        var operators = await api.Operator;

        string[] Ids(JsonElement list) => [.. list.GetProperty("data").EnumerateArray().Select(schedule => schedule.Text("id"))];
        Assert.Contains(own.ToString(), Ids(await (await operators.GetAsync(Url)).JsonAsync()));
        Assert.Equal([theirs.ToString()], Ids(await (await operators.GetAsync($"{Url}?tenant={tenant}")).JsonAsync()));
        await (await operators.PostAsync($"{Url}/{own}/pause", null)).JsonAsync();
        Assert.Equal(1, await api.ScalarAsync<long>("SELECT count(*) FROM operator_audit WHERE action = 'schedules.list' AND subject = $1", tenant.ToString()));
    }

    private static object Weekly(string name = "Contacts weekly", object? payload = null) => new
    {
        name, cron = "0 6 * * 1", timeZone = "Europe/Madrid", misfireRuns = 0, type = "reports.request",
        payload = payload ?? new { kind = "contacts", days = 7 },
    };

    private async Task<(Guid Tenant, HttpClient Client)> AddManagerAsync(params string[] more)
    {
        var tenant = await api.AddTenantAsync();
        return (tenant, await api.SignInAsync(await api.AddUserAsync(
            tenant, [Permissions.JobsRead, Permissions.JobsManage, Permissions.ReportsWrite, .. more])));
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, string url, object? body, string header, string value)
    {
        using var request = new HttpRequestMessage(method, url) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add(header, value);
        return await client.SendAsync(request);
    }

    [Fact]
    [Trait("Req", "F2")]
    public async Task Tenants_people_make_change_and_delete_schedules_of_reports()
    {
        var (tenant, client) = await AddManagerAsync(Permissions.ContactsRead);

        var created = await client.CreateAsync(Url, Weekly());
        var url = $"{Url}/{created.Text("id")}";
        var read = await client.GetAsync(url);

        Assert.Equal(("0 6 * * 1", 0, 7, 5), (
            created.Text("cron"), created.GetProperty("misfireRuns").GetInt32(), created.GetProperty("payload").GetProperty("days").GetInt32(),
            created.GetProperty("nextRuns").GetArrayLength()));
        Assert.Equal("\"1\"", read.Headers.ETag!.Tag);
        Assert.Equal(created.GetRawText(), (await read.JsonAsync()).GetRawText());
        await (await SendAsync(client, HttpMethod.Put, url, Weekly("Daily"), "If-Match", "\"7\"")).ProblemAsync(412);
        var changed = await SendAsync(client, HttpMethod.Put, url, Weekly("Daily", new { kind = "contacts" }), "If-Match", "\"1\"");
        Assert.Equal("\"2\"", changed.Headers.ETag!.Tag);
        Assert.Equal(("Daily", "contacts", false), (
            (await changed.JsonAsync()).Text("name"), (await changed.JsonAsync()).GetProperty("payload").Text("kind"),
            (await changed.JsonAsync()).GetProperty("payload").TryGetProperty("days", out _)));
        await (await SendAsync(client, HttpMethod.Delete, url, null, "If-Match", "\"1\"")).ProblemAsync(412);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(client, HttpMethod.Delete, url, null, "If-Match", "\"2\"")).StatusCode);
        await (await client.GetAsync(url)).ProblemAsync(404);
        await (await client.DeleteAsync(new Uri(url, UriKind.Relative))).ProblemAsync(404);
        Assert.Equal("schedule.change,schedule.create,schedule.delete", await api.ScalarAsync<string>(
            "SELECT string_agg(action, ',' ORDER BY action) FROM audit_log WHERE tenant_id = $1 AND action LIKE 'schedule.%'", tenant));
    }

    [Fact]
    [Trait("Req", "D5")]
    public async Task Repeated_request_makes_one_schedule_and_names_are_unique()
    {
        var (tenant, client) = await AddManagerAsync(Permissions.ContactsRead);
        var key = Guid.NewGuid().ToString();

        var first = await (await SendAsync(client, HttpMethod.Post, Url, Weekly(), "Idempotency-Key", key)).JsonAsync(HttpStatusCode.Created);
        var second = await (await SendAsync(client, HttpMethod.Post, Url, Weekly(), "Idempotency-Key", key)).JsonAsync(HttpStatusCode.Created);

        Assert.Equal(first.Text("id"), second.Text("id"));
        await (await client.PostAsync(Url, Weekly())).ProblemAsync(409);
        await api.ScalarAsync<long>(
            """
            WITH added AS (
                INSERT INTO jobs.schedules (
                    tenant_id, id, name, cron, time_zone, misfire_runs, timeout_seconds, retention_days, max_attempts, priority, type, queue, payload)
                SELECT $1, uuidv7(), 'filler ' || n, '0 3 * * *', 'UTC', 1, 60, 7, 3, 50, 'x', 'maintenance', '{}' FROM generate_series(2, 100) AS n
                RETURNING 1)
            SELECT count(*) FROM added
            """, tenant);
        Assert.Contains("100", (await (await client.PostAsync(Url, Weekly("One more"))).ProblemAsync(409)).Text("detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name", "\"\"", "name")]
    [InlineData("cron", "\"61 * * * *\"", "cron")]
    [InlineData("cron", "\"*/4 * * * *\"", "cron")]
    [InlineData("cron", "null", "cron")]
    [InlineData("timeZone", "\"Mars/Olympus\"", "timeZone")]
    [InlineData("misfireRuns", "11", "misfireRuns")]
    [InlineData("type", "\"platform.backup\"", "type")]
    [InlineData("type", "\"reports.build\"", "type")]
    [InlineData("payload", "null", "payload")]
    [InlineData("payload", "{\"reportId\":\"0198aaaa-0000-7000-8000-000000000001\"}", "payload")]
    [InlineData("payload", "{\"kind\":\"contacts\",\"tenantId\":\"0198aaaa-0000-7000-8000-000000000001\"}", "payload")]
    [InlineData("payload", "{\"kind\":\"contacts\",\"tell\":\"0198aaaa-0000-7000-8000-000000000001\"}", "payload")]
    [InlineData("payload", "{\"kind\":\"weather\"}", "payload.kind")]
    [InlineData("payload", "{\"kind\":\"contacts\",\"status\":\"open\"}", "payload.status")]
    [InlineData("payload", "{\"kind\":\"events\",\"days\":0}", "payload.days")]
    public async Task What_is_wrong_with_a_schedule_is_named(string field, string value, string named)
    {
        var body = JsonSerializer.SerializeToNode(Weekly())!;
        body[field] = JsonNode.Parse(value);

        Assert.Equal([named], (await (await (await api.Acme).PostAsync(Url, body)).ProblemAsync(422)).Fields());
    }

    [Fact]
    [Trait("Req", "D2")]
    public async Task Schedules_and_runs_are_lists_as_all_others()
    {
        var (tenant, client) = await AddManagerAsync(Permissions.ContactsRead);
        var ids = new List<string>();
        for (var n = 0; n < 3; n++)
            ids.Add((await client.CreateAsync(Url, Weekly($"Weekly {n}"))).Text("id"));
        await api.ScalarAsync<int>(
            """
            INSERT INTO jobs.schedule_runs (tenant_id, schedule_id, due_at, job_id, enqueued_at)
            SELECT $1, $2, date_trunc('hour', now()) - n * interval '1 hour', uuidv7(), now() FROM generate_series(1, 3) n RETURNING 1
            """,
            tenant, Guid.Parse(ids[0]));

        foreach (var (url, field) in new[] { (Url, "id"), ($"{Url}/{ids[0]}/runs", "dueAt") })
        {
            var whole = await (await client.GetAsync($"{url}?limit=50")).JsonAsync();
            var first = await (await client.GetAsync($"{url}?limit=2")).JsonAsync();
            var last = await (await client.GetAsync(
                $"{url}?limit=2&cursor={first.GetProperty("pagination").Text("nextCursor")}")).JsonAsync();
            var second = await (await client.GetAsync($"{url}?limit=2&page=2")).JsonAsync();

            string[] Rows(JsonElement page) => [.. page.GetProperty("data").EnumerateArray().Select(row => row.Text(field))];
            Assert.Equal(3, whole.GetProperty("pagination").GetProperty("total").GetInt32());
            Assert.Equal(Rows(whole).OrderDescending(StringComparer.Ordinal), Rows(whole));
            Assert.Equal(Rows(whole), Rows(first).Concat(Rows(last)));
            Assert.Equal(Rows(last), Rows(second));
            Assert.Equal(JsonValueKind.Null, last.GetProperty("pagination").GetProperty("nextCursor").ValueKind);
        }
    }

    [Fact]
    [Trait("Req", "F9")]
    public async Task Caller_alone_can_be_told_by_email()
    {
        var tenant = await api.AddTenantAsync();
        var user = await api.AddUserAsync(tenant, Permissions.JobsManage, Permissions.ReportsWrite, Permissions.ContactsRead);
        var body = Weekly("Told", new { kind = "contacts", tell = true });

        var client = await api.SignInAsync(user);

        var schedule = await client.CreateAsync(Url, body);

        Assert.Equal("""{"kind":"contacts","tell":true}""", schedule.GetProperty("payload").GetRawText());
        Assert.Equal(user.Id, await ToldAsync());
        // What was read can be sent back.
        var same = Weekly("Told", schedule.GetProperty("payload"));
        await (await client.ChangeAsync(HttpMethod.Put, $"{Url}/{schedule.Text("id")}", same, "\"1\"")).JsonAsync();
        Assert.Equal(user.Id, await ToldAsync());
        Assert.Equal(["payload.tell"], (await (await (await api.Operator).PostAsync($"{Url}?tenant={tenant}", body)).ProblemAsync(422)).Fields());

        Task<Guid> ToldAsync() => api.ScalarAsync<Guid>("SELECT (payload->>'tell')::uuid FROM jobs.schedules WHERE tenant_id = $1", tenant);
    }

    [Fact]
    [Trait("Req", "B7")]
    public async Task Schedule_needs_what_the_report_needs()
    {
        var (tenant, client) = await AddManagerAsync();
        var (_, reader) = await AddManagerAsync(Permissions.ContactsRead);
        var free = await api.SignInAsync(await api.AddUserAsync(
            await api.AddTenantAsync("free"), Permissions.JobsManage, Permissions.ReportsWrite, Permissions.ContactsRead));

        Assert.Contains("contacts:read", (await (await client.PostAsync(Url, Weekly())).ProblemAsync(403)).Text("detail"), StringComparison.Ordinal);
        await (await free.PostAsync(Url, Weekly())).ProblemAsync(402);
        var schedule = await reader.CreateAsync(Url, Weekly());
        await (await SendAsync(
            reader, HttpMethod.Put, $"{Url}/{schedule.Text("id")}", Weekly("Billing", new { kind = "billing" }), "If-Match", "*")).ProblemAsync(403);
        await (await reader.PostAsync($"{Url}?tenant={tenant}", Weekly())).ProblemAsync(403);
    }

    [Fact]
    public async Task Operators_make_a_tenants_schedules_and_nobody_changes_what_is_declared()
    {
        var (tenant, _) = await AddManagerAsync();
        var operators = await api.Operator;
        var declared = await AddAsync(PlatformTenant.Id.Value);
        await api.ScalarAsync<Guid>("UPDATE jobs.schedules SET declared_at = now() WHERE id = $1 RETURNING id", declared);

        await operators.CreateAsync($"{Url}?tenant={tenant}", Weekly());

        await (await operators.PostAsync(Url, Weekly())).ProblemAsync(400);
        await (await SendAsync(operators, HttpMethod.Put, $"{Url}/{declared}", Weekly(), "If-Match", "*")).ProblemAsync(409);
        await (await operators.DeleteAsync(new Uri($"{Url}/{declared}", UriKind.Relative))).ProblemAsync(409);
        Assert.Contains("operator", await api.ScalarAsync<string>(
            "SELECT detail::text FROM audit_log WHERE tenant_id = $1 AND action = 'schedule.create'", tenant), StringComparison.Ordinal);
        Assert.Equal(1, await api.ScalarAsync<long>("SELECT count(*) FROM operator_audit WHERE action = 'schedule.create' AND subject = $1", tenant.ToString()));
    }

    private Task<Guid> AddAsync(Guid tenant) => api.ScalarAsync<Guid>(
        """
        INSERT INTO jobs.schedules (
            tenant_id, id, name, cron, time_zone, misfire_runs, next_due, timeout_seconds, retention_days, max_attempts, priority, type, queue, payload)
        VALUES ($1, $2, 'test ' || $2, '0 3 * * *', 'Europe/Berlin', 1, date_trunc('day', now()) + interval '2 days', 60, 7, 3, 50, 'x', 'maintenance', '{"to":"x"}')
        RETURNING id
        """,
        tenant, Guid.CreateVersion7());
}
