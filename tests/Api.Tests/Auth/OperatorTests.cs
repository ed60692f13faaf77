using System.Net;
using System.Net.Http.Json;
using Platform.Data.Seed;
using Platform.Tenancy;

namespace Platform.Api.Tests.Auth;

[Collection(ApiTests.Name)]
[Trait("Req", "B1")]
public sealed class OperatorTests(ApiFixture api)
{
    private const string Url = "/api/operator/tenants", Contacts = "/api/contacts?limit=1";

    [Fact]
    public async Task Suspended_tenant_is_out_at_once_and_in_again_when_resumed()
    {
        var user = await api.AddUserAsync(await api.AddTenantAsync(), Permissions.ContactsRead);
        using var client = await api.SignInAsync(user);
        await (await client.GetAsync(Contacts)).JsonAsync();
        var operators = await api.Operator;

        using (var suspended = await operators.PostAsync($"{Url}/{user.Tenant}/suspend", null))
            Assert.Equal(HttpStatusCode.NoContent, suspended.StatusCode);
        await (await client.GetAsync(Contacts)).ProblemAsync(403);
        await (await api.Anonymous.PostAsync("/api/auth/login", new { email = user.Email, password = DemoAccounts.Password })).ProblemAsync(403);

        using (var resumed = await operators.PostAsync($"{Url}/{user.Tenant}/resume", null))
            Assert.Equal(HttpStatusCode.NoContent, resumed.StatusCode);
        await (await client.GetAsync(Contacts)).JsonAsync();

        Assert.Equal(
            "tenant.suspend,tenant.resume",
            await api.ScalarAsync<string>("SELECT string_agg(action, ',' ORDER BY at) FROM operator_audit WHERE subject = $1", user.Tenant.ToString()));
        Assert.Equal(2, await api.ScalarAsync<long>("SELECT count(*) FROM audit_log WHERE tenant_id = $1 AND action LIKE 'tenant.%'", user.Tenant.Value));
        Assert.True(await api.ScalarAsync<bool>(
            """
            SELECT bool_and(uuid_extract_version(id) = 7) FROM (
                SELECT id FROM operator_audit WHERE subject = $1::text
                UNION ALL SELECT id FROM audit_log WHERE tenant_id = $1 AND action LIKE 'tenant.%') noted
            """,
            user.Tenant.Value));
    }

    [Fact]
    public async Task Plan_changed_holds_for_the_next_request()
    {
        var user = await api.AddUserAsync(await api.AddTenantAsync("free"), Permissions.ContactsRead);
        using var client = await api.SignInAsync(user);
        await (await client.GetAsync(Contacts)).JsonAsync();

        using var changed = await (await api.Operator).PutAsJsonAsync($"{Url}/{user.Tenant}/plan", new { plan = "enterprise" });

        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
        Assert.Equal("enterprise", (await (await client.GetAsync("/api/auth/me")).JsonAsync()).Text("plan"));
        await (await (await api.Operator).PutAsJsonAsync($"{Url}/{user.Tenant}/plan", new { plan = "gold" })).ProblemAsync(422);
        await (await (await api.Operator).PutAsJsonAsync($"{Url}/{Guid.NewGuid()}/plan", new { plan = "pro" })).ProblemAsync(404);
    }

    [Fact]
    public async Task List_shows_all_tenants_and_is_recorded()
    {
        var before = await api.ScalarAsync<long>("SELECT count(*) FROM operator_audit WHERE action = 'tenants.list'");
        var page = await (await (await api.Operator).GetAsync($"{Url}?limit=1")).JsonAsync();
        var slugs = page.GetProperty("data").EnumerateArray().Select(row => row.Text("slug")).ToList();
        while (page.GetProperty("pagination").GetProperty("nextCursor").GetString() is { } cursor)
        {
            page = await (await (await api.Operator).GetAsync($"{Url}?limit=50&cursor={cursor}")).JsonAsync();
            slugs.AddRange(page.GetProperty("data").EnumerateArray().Select(row => row.Text("slug")));
        }

        Assert.Contains("acme", slugs);
        Assert.Contains("globex", slugs);
        Assert.Equal(slugs.Count, slugs.Distinct().Count());
        Assert.True(await api.ScalarAsync<long>("SELECT count(*) FROM operator_audit WHERE action = 'tenants.list'") > before);
    }

    [Fact]
    public async Task Role_cant_hold_the_operators_permission()
    {
        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(
            () => api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead, Permissions.PlatformOperate));
        Assert.Equal("role_permissions_of_tenants", refused.ConstraintName);
    }

    [Fact]
    public async Task Tenants_people_and_machines_are_403_even_with_the_permission_in_a_role()
    {
        // A database of its own, in which a role can hold it after all.
        var own = new ApiFixture();
        await using var end = new Cleanup(own);
        await own.InitializeAsync();
        await using (var command = own.Admin.CreateCommand("ALTER TABLE role_permissions DROP CONSTRAINT role_permissions_of_tenants"))
            await command.ExecuteNonQueryAsync();
        var user = await own.AddUserAsync(
            DemoAccounts.Acme, [.. TestUsers.AllPermissions.Except([Permissions.MetricsRead]), Permissions.PlatformOperate]);
        using var client = await own.SignInAsync(user);
        var me = await (await client.GetAsync("/api/auth/me")).JsonAsync();
        Assert.Contains(me.GetProperty("permissions").EnumerateArray(), name => name.GetString() == Permissions.PlatformOperate);
        foreach (var answer in new[]
        {
            await client.GetAsync(Url), await client.PostAsync($"{Url}/{DemoAccounts.Globex}/suspend", null),
            await client.PutAsJsonAsync($"{Url}/{DemoAccounts.Acme}/plan", new { plan = "enterprise" }),
            await client.GetAsync("/api/admin/performance-metrics"),
        })
        {
            await answer.ProblemAsync(403);
        }
    }

    [Fact]
    public async Task Database_itself_refuses_who_is_no_operator()
    {
        var user = await api.AddUserAsync(DemoAccounts.Acme);
        await using var source = Npgsql.NpgsqlDataSource.Create(api.AppConnectionString);
        await using var command = source.CreateCommand("SELECT operator_change_tenant($1, $2, 'suspend', NULL, now())");
        command.Parameters.AddWithValue(user.Id);
        command.Parameters.AddWithValue(DemoAccounts.Globex);

        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => command.ExecuteScalarAsync());

        Assert.Equal("42501", refused.SqlState);
    }

    private sealed class Cleanup(ApiFixture fixture) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await fixture.DisposeAsync();
    }
}
