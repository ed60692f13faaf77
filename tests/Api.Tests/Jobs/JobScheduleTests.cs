using System.Text.Json;
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

        var schedule = Assert.Single((await (await client.GetAsync(Url)).JsonAsync()).GetProperty("schedules").EnumerateArray());
        Assert.Equal((own.ToString(), "***"), (schedule.Text("id"), schedule.GetProperty("payload").Text("to")));
        Assert.Equal(5, schedule.GetProperty("nextRuns").GetArrayLength());
        Assert.Equal(JsonValueKind.String, (await (await client.PostAsync($"{Url}/{own}/pause", null)).JsonAsync()).GetProperty("pausedAt").ValueKind);
        var resumed = await (await client.PostAsync($"{Url}/{own}/resume", null)).JsonAsync();
        Assert.Equal(JsonValueKind.Null, resumed.GetProperty("pausedAt").ValueKind);
        Assert.Empty((await (await client.GetAsync($"{Url}/{own}/runs")).JsonAsync()).GetProperty("runs").EnumerateArray());
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

        string[] Ids(JsonElement list) => [.. list.GetProperty("schedules").EnumerateArray().Select(schedule => schedule.Text("id"))];
        Assert.Contains(own.ToString(), Ids(await (await operators.GetAsync(Url)).JsonAsync()));
        Assert.Equal([theirs.ToString()], Ids(await (await operators.GetAsync($"{Url}?tenant={tenant}")).JsonAsync()));
        await (await operators.PostAsync($"{Url}/{own}/pause", null)).JsonAsync();
        Assert.Equal(1, await api.ScalarAsync<long>("SELECT count(*) FROM operator_audit WHERE action = 'schedules.list' AND subject = $1", tenant.ToString()));
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
