using System.Net;
using System.Text.Json;
using Platform.Api.Tests.Auth;
using Platform.Tenancy;
using static Platform.Api.Tests.Jobs.JobAdminCalls;

namespace Platform.Api.Tests.Jobs;

/// <summary>Pauses, queues, and what operators see and do.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "F8")]
public sealed class JobOperatorTests(ApiFixture api)
{
    [Fact]
    [Trait("Req", "F2")]
    public async Task Pause_of_a_tenant_is_its_own_and_of_a_queue_for_all_an_operators()
    {
        var (tenant, client) = await api.AddJobTenantAsync(Permissions.JobsRead, Permissions.JobsManage);
        var operators = await api.Operator;
        async Task PostAsync(HttpClient caller, string path) =>
            Assert.Equal(HttpStatusCode.NoContent, (await caller.PostAsync(new Uri(Url + path, UriKind.Relative), null)).StatusCode);

        await PostAsync(client, "/pause");
        await PostAsync(client, "/queues/emails/pause");
        Assert.Equal(2, await api.PausesAsync(tenant));
        Assert.True((await QueueAsync(client, "imports")).GetProperty("pausedAt").ValueKind == JsonValueKind.String);
        await PostAsync(client, "/resume");
        Assert.Equal(0, await api.PausesAsync(tenant));
        await PostAsync(operators, $"/pause?tenant={tenant}");
        Assert.Equal(1, await api.PausesAsync(tenant));
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
        var (tenant, client) = await api.AddJobTenantAsync(Permissions.JobsRead);
        await api.AddJobAsync(tenant);
        await api.AddJobAsync(await api.AddTenantAsync());

        Assert.Equal(1, (await QueueAsync(client, "emails")).GetProperty("waiting").GetInt64());
        Assert.True((await QueueAsync(await api.Operator, "emails")).GetProperty("waiting").GetInt64() >= 2);
        Assert.Equal(1, (await QueueAsync(await api.Operator, "emails", $"?tenant={tenant}")).GetProperty("waiting").GetInt64());
    }

    [Fact]
    [Trait("Req", "F5")]
    public async Task Queues_tell_how_many_jobs_wait_in_lanes_and_how_many_lanes_are_blocked()
    {
        var (tenant, client) = await api.AddJobTenantAsync(Permissions.JobsRead);
        var (head, behind) = (await api.AddJobAsync(tenant, "dead"), await api.AddJobAsync(tenant));
        await api.ScalarAsync<Guid>(
            """
            WITH laned AS (UPDATE jobs.pending SET lane = 'orders', wait = 2 WHERE id = $1)
            INSERT INTO jobs.blocked_lanes (tenant_id, lane, job_id, blocked_at) VALUES ($2, 'orders', $3, now()) RETURNING job_id
            """,
            behind, tenant, head);

        foreach (var queue in new[] { await QueueAsync(client, "emails"), await QueueAsync(await api.Operator, "emails", $"?tenant={tenant}") })
        {
            Assert.Equal([0L, 1L, 1L], new[] { "waiting", "inLanes", "blockedLanes" }.Select(name => queue.GetProperty(name).GetInt64()));
        }
        var all = await QueueAsync(await api.Operator, "emails");
        Assert.True(all.GetProperty("inLanes").GetInt64() >= 1 && all.GetProperty("blockedLanes").GetInt64() >= 1);
        Assert.Equal(0, (await QueueAsync(client, "imports")).GetProperty("blockedLanes").GetInt64());
    }

    [Fact]
    public async Task Operators_see_all_tenants_jobs_and_workers_and_each_look_is_noted()
    {
        var (first, second) = (await api.AddJobAsync(await api.AddTenantAsync()), await api.AddJobAsync(await api.AddTenantAsync(), "dead"));
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
    public async Task Statistics_of_all_tenants_are_for_operators()
    {
        await api.ScalarAsync<long>(
            """
            INSERT INTO jobs.statistics (minute, queue, depth, running, oldest_seconds, completed, wait_buckets, wait_counts, wait_seconds)
            VALUES (date_trunc('minute', now()) - interval '2 minutes', 'statistics-test', 5, 1, 2.5, 7, '{80,160}', '{9,1}', 1.06) RETURNING completed
            """);
        var operators = await api.Operator;

        var report = await (await operators.GetAsync($"{Url}/statistics?window=10&queue=statistics-test")).JsonAsync();

        var series = Assert.Single(report.GetProperty("series").EnumerateArray());
        Assert.Equal(("statistics-test", 60), (series.Text("queue"), series.GetProperty("stepSeconds").GetInt32()));
        var sample = Assert.Single(series.GetProperty("samples").EnumerateArray());
        Assert.Equal((5, 7), (sample.GetProperty("depth").GetInt32(), sample.GetProperty("completed").GetInt32()));
        Assert.Equal(106, sample.GetProperty("waitMs").GetProperty("mean").GetDouble());
        Assert.InRange(sample.GetProperty("waitMs").GetProperty("p50").GetDouble(), 1.024, 1.12);
        Assert.InRange(series.GetProperty("waitMs").GetProperty("p95").GetDouble(), 1048, 1144);
        Assert.Equal(JsonValueKind.Null, sample.GetProperty("runMs").ValueKind);
        Assert.Empty((await (await (await api.Acme).GetAsync($"{Url}/statistics?queue=statistics-test")).JsonAsync()).GetProperty("series").EnumerateArray());
        foreach (var query in new[] { "window=0", "window=10081", "points=0", "queue=a%20b" })
            await (await operators.GetAsync($"{Url}/statistics?{query}")).ProblemAsync(400);
    }

    [Fact]
    public async Task Statistics_of_a_tenant_are_of_its_own_jobs_and_operators_name_it()
    {
        var (tenant, client) = await api.AddJobTenantAsync(Permissions.JobsRead);
        await api.AddJobAsync(tenant, "dead");
        await api.AddJobAsync(tenant);
        await api.AddJobAsync(await api.AddTenantAsync(), "dead");

        foreach (var report in new[]
        {
            await (await client.GetAsync($"{Url}/statistics")).JsonAsync(),
            await (await (await api.Operator).GetAsync($"{Url}/statistics?tenant={tenant}")).JsonAsync(),
        })
        {
            var series = Assert.Single(report.GetProperty("series").EnumerateArray());
            var sample = Assert.Single(series.GetProperty("samples").EnumerateArray());
            Assert.Equal(("emails", 1, 1), (series.Text("queue"), sample.GetProperty("failed").GetInt32(), sample.GetProperty("dead").GetInt32()));
            Assert.Equal(JsonValueKind.Null, report.GetProperty("since").ValueKind);
        }

        await (await client.GetAsync($"{Url}/statistics?tenant={await api.AddTenantAsync()}")).ProblemAsync(403);
        await (await (await api.Operator).GetAsync($"{Url}/statistics?tenant={Guid.CreateVersion7()}")).ProblemAsync(404);
        Assert.Equal(1, await api.NotesAsync("jobs.statistics", tenant));
    }

    [Fact]
    [Trait("Req", "F3")]
    public async Task Operators_tend_the_deployments_own_jobs()
    {
        var job = await api.AddJobAsync(PlatformTenant.Id.Value, "dead");
        var operators = await api.Operator;

        Assert.Equal("available", (await (await operators.PostAsync($"{Url}/{job}/retry", null)).JsonAsync()).Text("state"));

        Assert.Equal(1, await api.NotesAsync("job.retry", job));
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
}
