using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Data.Seed;
using Platform.Tenancy;

namespace Platform.Api.Tests.Auth;

[Collection(ApiTests.Name)]
[Trait("Req", "B7")]
public sealed class MemberTests(ApiFixture api)
{
    private const string Url = "/api/admin/members", Contacts = "/api/contacts?limit=1", NewPassword = "A-new-password-1";

    [Fact]
    public async Task New_person_is_invited_sets_a_password_once_and_signs_in()
    {
        var (manager, _) = await ManagerAsync();
        var email = $"{Guid.NewGuid():N}@people.example";

        var added = await manager.CreateAsync(Url, new { email, name = "Newcomer", roles = Array.Empty<string>() });
        var link = added.GetProperty("invitation").Text("link");
        Assert.Equal("invited", added.GetProperty("member").Text("state"));
        await (await LoginAsync(email, DemoAccounts.Password)).ProblemAsync(401);
        await (await AcceptAsync(link, "short")).ProblemAsync(422);
        Assert.Equal(HttpStatusCode.NoContent, (await AcceptAsync(link, NewPassword)).StatusCode);
        await (await AcceptAsync(link, "Another-password-1")).ProblemAsync(422);

        await (await LoginAsync(email, NewPassword)).JsonAsync();
        var member = await (await manager.GetAsync($"{Url}/{added.GetProperty("member").Text("userId")}")).JsonAsync();
        Assert.Equal("active", member.Text("state"));
    }

    [Fact]
    public async Task Person_with_an_account_is_added_without_invitation()
    {
        var (manager, tenant) = await ManagerAsync();
        var known = await api.AddUserAsync(DemoAccounts.Globex, Permissions.ContactsRead);

        var added = await manager.CreateAsync(Url, new { email = known.Email.ToUpperInvariant() });

        Assert.Equal(known.Id, added.GetProperty("member").GetProperty("userId").GetGuid());
        Assert.Equal(JsonValueKind.Null, added.GetProperty("invitation").ValueKind);
        await (await manager.PostAsync(Url, new { email = known.Email })).ProblemAsync(409);
        Assert.Equal(2, await api.ScalarAsync<long>("SELECT count(*) FROM memberships WHERE tenant_id = $1", tenant));
    }

    [Fact]
    public async Task Account_whose_address_is_unproven_cant_be_drawn_into_another_tenant()
    {
        // Else whoever invites an address first, and sets its password, would be let in wherever it is invited later.
        var (attacker, _) = await ManagerAsync();
        var (victim, _) = await ManagerAsync();
        var email = $"{Guid.NewGuid():N}@people.example";
        var added = await attacker.CreateAsync(Url, new { email });
        Assert.Equal(HttpStatusCode.NoContent, (await AcceptAsync(added.GetProperty("invitation").Text("link"), NewPassword)).StatusCode);

        await (await victim.PostAsync(Url, new { email })).ProblemAsync(409);
    }

    [Fact]
    public async Task Operator_cant_be_drawn_into_a_tenant()
    {
        var (manager, _) = await ManagerAsync();
        await (await manager.PostAsync(Url, new { email = DemoAccounts.Operator })).ProblemAsync(409);
    }

    [Fact]
    public async Task Roles_changed_hold_for_the_members_next_request()
    {
        var (manager, tenant) = await ManagerAsync();
        var member = await api.AddUserAsync(tenant, Permissions.ContactsRead);
        using var client = await api.SignInAsync(member);
        await (await client.GetAsync(Contacts)).JsonAsync();

        await (await PatchAsync(manager, member.Id, [])).JsonAsync();
        await (await client.GetAsync(Contacts)).ProblemAsync(403);

        var changed = await (await PatchAsync(manager, member.Id, [member.Role])).JsonAsync();
        Assert.Equal(member.Role, Assert.Single(changed.GetProperty("roles").EnumerateArray()).GetString());
        await (await client.GetAsync(Contacts)).JsonAsync();
    }

    [Fact]
    [Trait("Req", "D4")]
    public async Task Member_is_changed_and_removed_from_the_version_that_was_read()
    {
        var (manager, tenant) = await ManagerAsync();
        var member = await api.AddUserAsync(tenant, Permissions.ContactsRead);
        var url = $"{Url}/{member.Id}";
        using var read = await manager.GetAsync(url);
        var tag = read.Headers.ETag!.Tag;
        Assert.Equal(1, (await read.JsonAsync()).GetProperty("version").GetInt64());
        Assert.Equal(HttpStatusCode.NotModified, await KnownAsync(tag));

        using var changed = await manager.ChangeAsync(HttpMethod.Patch, url, new { roles = Array.Empty<string>() }, tag);
        Assert.Equal((2L, "\"2\""), ((await changed.JsonAsync()).GetProperty("version").GetInt64(), changed.Headers.ETag!.Tag));
        Assert.Equal(HttpStatusCode.OK, await KnownAsync(tag));
        await (await manager.ChangeAsync(HttpMethod.Patch, url, new { roles = new[] { member.Role } }, tag)).ProblemAsync(412);
        await (await manager.ChangeAsync(HttpMethod.Delete, url, ifMatch: tag)).ProblemAsync(412);
        // The other way of giving and taking roles counts, too; doing again what was done doesn't.
        var role = await api.ScalarAsync<Guid>("SELECT id FROM roles WHERE tenant_id = $1 AND name = $2", tenant, member.Role);
        for (var time = 0; time < 2; time++)
            Assert.Equal(HttpStatusCode.NoContent, (await manager.PutAsync($"/api/session/roles/{role}/members/{member.Id}", null)).StatusCode);
        Assert.Equal(3, await VersionAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await manager.DeleteAsync($"/api/session/roles/{role}/members/{member.Id}")).StatusCode);
        Assert.Equal(4, await VersionAsync());
        await manager.PutAsync($"/api/session/roles/{role}/members/{member.Id}", null);
        Assert.Equal(HttpStatusCode.NoContent, (await manager.DeleteAsync($"/api/session/roles/{role}")).StatusCode);
        Assert.Equal(6, await VersionAsync());
        // Another name is another answer of the same version.
        using var six = await manager.GetAsync(url);
        await api.ScalarAsync<int>("UPDATE users SET name = 'Renamed' WHERE id = $1 RETURNING 1", member.Id);
        Assert.Equal(HttpStatusCode.OK, await KnownAsync(six.Headers.ETag!.Tag));

        Assert.Equal(HttpStatusCode.NoContent, (await manager.ChangeAsync(HttpMethod.Delete, url, ifMatch: six.Headers.ETag.Tag)).StatusCode);

        async Task<HttpStatusCode> KnownAsync(string known)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { { "If-None-Match", known } } };
            return (await manager.SendAsync(request)).StatusCode;
        }

        async Task<long> VersionAsync() => (await (await manager.GetAsync(url)).JsonAsync()).GetProperty("version").GetInt64();
    }

    [Fact]
    public async Task Role_that_can_more_than_the_caller_can_be_neither_given_nor_taken()
    {
        var (manager, tenant) = await ManagerAsync();
        var stronger = await api.AddUserAsync(tenant, Permissions.BillingManage);
        var member = await api.AddUserAsync(tenant);

        Assert.Contains(
            "billing:manage", (await (await PatchAsync(manager, member.Id, [stronger.Role])).ProblemAsync(403)).Text("detail"),
            StringComparison.Ordinal);
        await (await manager.PostAsync(Url, new { email = "x@people.example", roles = new[] { stronger.Role } })).ProblemAsync(403);
        await (await PatchAsync(manager, stronger.Id, [])).ProblemAsync(403);
        await (await manager.DeleteAsync($"{Url}/{stronger.Id}")).ProblemAsync(403);
        await (await PatchAsync(manager, member.Id, ["no such role"])).ProblemAsync(422);
    }

    [Fact]
    public async Task Removed_member_is_out_at_once_with_all_sessions()
    {
        var (manager, tenant) = await ManagerAsync();
        var member = await api.AddUserAsync(tenant, Permissions.ContactsRead);
        var tokens = await api.LoginAsync(member.Email);
        using var client = api.CreateClient(tokens.Text("accessToken"));
        await (await client.GetAsync(Contacts)).JsonAsync();

        using var removed = await manager.DeleteAsync($"{Url}/{member.Id}");

        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        await (await client.GetAsync(Contacts)).ProblemAsync(401);
        await (await api.Anonymous.PostAsync("/api/auth/refresh", new { refreshToken = tokens.Text("refreshToken") })).ProblemAsync(401);
        await (await manager.DeleteAsync($"{Url}/{member.Id}")).ProblemAsync(404);
    }

    [Fact]
    [Trait("Req", "C2")]
    public async Task Lists_of_agents_teams_and_roles_show_at_once_who_came_and_who_went()
    {
        var tenant = await api.AddTenantAsync();
        var manager = await api.SignInAsync(await api.AddUserAsync(tenant, Permissions.TeamManage, Permissions.TeamRead));
        var member = await api.AddUserAsync(tenant);
        var team = (await manager.CreateAsync("/api/session/teams", new { name = "Night shift" })).Text("id");
        using var joined = await manager.PutAsync($"/api/session/teams/{team}/members/{member.Id}", null);
        await manager.CreateAsync("/api/session/agents", new { userId = member.Id });
        var role = (await (await manager.GetAsync("/api/session/roles")).JsonAsync()).GetProperty("data").EnumerateArray()
            .Single(row => row.Text("name") == member.Role).Text("id");
        string[] lists = [$"/api/session/roles/{role}/members", $"/api/session/teams/{team}/members", "/api/session/agents"];
        Assert.All(await ShownAsync(), shown => Assert.True(shown));

        await (await PatchAsync(manager, member.Id, [])).JsonAsync();
        Assert.Equal(new[] { false, true, true }, await ShownAsync());
        await (await PatchAsync(manager, member.Id, [member.Role])).JsonAsync();
        Assert.Equal(new[] { true, true, true }, await ShownAsync());

        using var removed = await manager.DeleteAsync($"{Url}/{member.Id}");
        Assert.Equal(new[] { false, false, false }, await ShownAsync());
        var counted = await (await manager.GetAsync($"/api/session/teams/{team}")).JsonAsync();
        Assert.Equal(0, counted.GetProperty("members").GetInt32());

        async Task<bool[]> ShownAsync() => await Task.WhenAll(lists.Select(async list =>
            (await (await manager.GetAsync(list)).JsonAsync()).GetRawText().Contains(member.Id.ToString(), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Last_manager_stays_even_when_two_remove_each_other_at_once()
    {
        var tenant = await api.AddTenantAsync();
        var (one, two) = (await api.AddUserAsync(tenant, Permissions.TeamManage), await api.AddUserAsync(tenant, Permissions.TeamManage));
        using var first = await api.SignInAsync(one);
        using var second = await api.SignInAsync(two);

        var answers = await Task.WhenAll(first.DeleteAsync($"{Url}/{two.Id}"), second.DeleteAsync($"{Url}/{one.Id}"));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.NoContent);
        Assert.Equal(1, await api.ScalarAsync<long>("SELECT count(*) FROM memberships WHERE tenant_id = $1", tenant));
    }

    [Fact]
    public async Task Member_of_another_tenant_is_a_404()
    {
        var (manager, _) = await ManagerAsync();
        var stranger = await api.AddUserAsync(DemoAccounts.Globex, Permissions.ContactsRead);

        await (await manager.GetAsync($"{Url}/{stranger.Id}")).ProblemAsync(404);
        await (await PatchAsync(manager, stranger.Id, [])).ProblemAsync(404);
        await (await manager.DeleteAsync($"{Url}/{stranger.Id}")).ProblemAsync(404);
        var list = await (await manager.GetAsync($"{Url}?limit=50")).JsonAsync();
        Assert.Equal(1, list.GetProperty("pagination").GetProperty("total").GetInt64());
        Assert.DoesNotContain(stranger.Email, list.GetRawText(), StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> PatchAsync(HttpClient client, Guid id, string[] roles) =>
        await client.PatchAsJsonAsync($"{Url}/{id}", new { roles });

    private async Task<(HttpClient Client, Guid Tenant)> ManagerAsync()
    {
        var tenant = await api.AddTenantAsync();
        return (await api.SignInAsync(await api.AddUserAsync(tenant, Permissions.TeamManage, Permissions.ContactsRead)), tenant);
    }

    private Task<HttpResponseMessage> AcceptAsync(string link, string password) =>
        api.Anonymous.PostAsync("/api/auth/invitation", new { token = link.Split('#')[1], password });

    private Task<HttpResponseMessage> LoginAsync(string email, string password) =>
        api.Anonymous.PostAsync("/api/auth/login", new { email, password });
}
