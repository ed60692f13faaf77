using System.Net;
using System.Net.Http.Json;
using Platform.Data.Seed;

namespace Platform.Api.Tests.Placement;

/// <summary>What the common database decides holds for a placed tenant at once, and is copied to its own.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "B5")]
public sealed class PlacedDirectoryTests(ApiFixture api) : IAsyncLifetime
{
    private PlacedTenant _placed = null!;

    public async Task InitializeAsync() => _placed = await PlacedTenant.StartAsync();

    public Task DisposeAsync() => _placed.DisposeAsync().AsTask();

    [Fact]
    [Trait("Req", "B7")]
    public async Task Member_with_a_new_role_can_sign_in_and_do_what_the_role_says()
    {
        var role = await (await _placed.Client.PostAsync("/api/session/roles", new { name = "Readers", permissions = new[] { "contacts:read" } }, "placed-role")).JsonAsync(HttpStatusCode.Created);
        var added = await (await _placed.Client.PostAsync("/api/admin/members", new { email = "new@globex.example", name = "New", roles = new[] { "Readers" } })).JsonAsync(HttpStatusCode.Created);
        var token = added.GetProperty("invitation").Text("link").Split('#')[1];
        using var accepted = await _placed.Replica.Anonymous.PostAsJsonAsync("/api/auth/invitation", new { token, password = "a-long-password-1" });
        Assert.Equal(HttpStatusCode.NoContent, accepted.StatusCode);

        using var member = _placed.Replica.Client(await _placed.LoginAsync("new@globex.example", "a-long-password-1"));

        Assert.Equal(HttpStatusCode.OK, (await member.GetAsync("/api/contacts")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await member.GetAsync("/api/session/roles")).StatusCode);
        await AssertCopiedAsync();
        Assert.Equal("active", (await (await _placed.Client.GetAsync($"/api/admin/members/{added.GetProperty("member").Text("userId")}")).JsonAsync()).Text("state"));

        using var changed = await _placed.Client.PutAsJsonAsync($"/api/session/roles/{role.Text("id")}", new { name = "Readers too", permissions = new[] { "contacts:read", "team:read" } });
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await member.GetAsync("/api/session/roles")).StatusCode);
        await AssertCopiedAsync();

        using var removed = await _placed.Client.DeleteAsync($"/api/admin/members/{added.GetProperty("member").Text("userId")}");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await member.GetAsync("/api/contacts")).StatusCode);
        await AssertCopiedAsync();
    }

    [Fact]
    public async Task Refused_change_of_a_role_leaves_neither_database_changed()
    {
        var before = await PlacedTenant.RowsAsync(_placed.Common, "roles");
        using var twice = await _placed.Client.PostAsync("/api/session/roles", new { name = "admin", permissions = new[] { "contacts:read" } }, "placed-twice");

        Assert.Equal(HttpStatusCode.Conflict, twice.StatusCode);
        Assert.Equal(before, await PlacedTenant.RowsAsync(_placed.Common, "roles"));
        await AssertCopiedAsync();
    }

    [Fact]
    public async Task Api_key_made_there_is_known_and_gone_once_revoked()
    {
        var key = await (await _placed.Client.PostAsync("/api/admin/api-keys", new { name = "Machine", scopes = new[] { "contacts:read", "contacts:write" } })).JsonAsync(HttpStatusCode.Created);
        using var machine = _placed.Replica.Client(key.Text("key"));

        using var created = await machine.PostAsync("/api/contacts", new { name = "By machine", email = "machine@example.com" });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(1, (await (await _placed.Client.GetAsync("/api/admin/api-keys")).JsonAsync()).GetProperty("pagination").GetProperty("total").GetInt32());

        using var revoked = await _placed.Client.DeleteAsync($"/api/admin/api-keys/{key.Text("id")}");
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await machine.GetAsync("/api/contacts")).StatusCode);
    }

    [Fact]
    public async Task Profile_and_plan_are_the_same_in_both()
    {
        using var changed = await _placed.Client.PutAsJsonAsync("/api/user/profile", new { name = "Grace", locale = "de", timeZone = "Europe/Berlin" });
        Assert.Equal("Grace", (await changed.JsonAsync()).Text("name"));
        Assert.Equal("de", (await (await _placed.Client.GetAsync("/api/user/profile")).JsonAsync()).Text("locale"));
        foreach (var database in new[] { _placed.Common, _placed.Own })
            Assert.Equal(["Grace de"], await PlacedTenant.ListAsync(database, "SELECT name || ' ' || locale FROM users WHERE email = $1", DemoAccounts.GlobexAdmin));

        // Who signed in when is the tenant's own, too.
        Assert.NotEmpty(await PlacedTenant.ListAsync(_placed.Own, "SELECT action FROM audit_log WHERE tenant_id = $1 AND action = 'auth.login'", DemoAccounts.Globex));
        Assert.Empty(await PlacedTenant.ListAsync(_placed.Common, "SELECT action FROM audit_log WHERE tenant_id = $1 AND action = 'auth.login'", DemoAccounts.Globex));

        using var operators = _placed.Replica.Client(await _placed.LoginAsync(DemoAccounts.Operator));
        using var plan = await operators.PutAsJsonAsync($"/api/operator/tenants/{DemoAccounts.Globex}/plan", new { plan = "free" });
        Assert.Equal(HttpStatusCode.NoContent, plan.StatusCode);
        foreach (var database in new[] { _placed.Common, _placed.Own })
            Assert.Equal(["free"], await PlacedTenant.ListAsync(database, "SELECT plan FROM tenants WHERE id = $1", DemoAccounts.Globex));
    }

    [Fact]
    [Trait("Req", "B2")]
    public async Task Common_database_takes_no_import_of_a_directory()
    {
        await using var scope = await api.Admin.OpenConnectionAsync();
        await using var command = new Npgsql.NpgsqlCommand(
            $"BEGIN; SET LOCAL ROLE platform_app; CALL set_tenant('{DemoAccounts.Globex}'); CALL directory_import(directory_export())", scope);

        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(command.ExecuteNonQueryAsync);

        Assert.Equal(Npgsql.PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    private async Task AssertCopiedAsync()
    {
        foreach (var table in PlacedTenant.Copied)
            Assert.Equal(await PlacedTenant.RowsAsync(_placed.Common, table), await PlacedTenant.RowsAsync(_placed.Own, table));
    }
}
