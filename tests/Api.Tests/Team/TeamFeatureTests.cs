using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Api.Tests.Auth;
using Platform.Testing;

namespace Platform.Api.Tests.Team;

/// <summary>What agents, teams and roles have in common, by two tenants.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class TeamFeatureTests(ApiFixture api)
{
    private static int _count;

    private static string NewName() => $"Name {Interlocked.Increment(ref _count)} {Guid.NewGuid():N}";

    [Theory, Trait("Req", "C2")]
    [InlineData("/api/session/teams")]
    [InlineData("/api/session/roles")]
    public async Task Change_is_in_the_next_answer(string url)
    {
        var acme = await api.Acme;
        var created = await acme.CreateAsync(url, Body(NewName()));
        var address = $"{url}/{created.Text("id")}";
        Assert.Contains(created.Text("name"), await acme.GetStringAsync(url), StringComparison.Ordinal);
        await HitAsync(acme, url);
        await HitAsync(acme, address);

        var name = NewName();
        using (var updated = await acme.PutAsJsonAsync(address, Body(name)))
        {
            Assert.Equal(name, (await updated.JsonAsync()).Text("name"));
            Assert.Equal("\"2\"", updated.Headers.ETag!.Tag);
        }
        using var read = await acme.GetAsync(address);
        Assert.Equal(("false", name), (Hit(read), (await read.JsonAsync()).Text("name")));
        Assert.Equal("\"2\"", read.Headers.ETag!.Tag);
        Assert.Contains(name, await acme.GetStringAsync(url), StringComparison.Ordinal);

        using var deleted = await acme.DeleteAsync(address);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await (await acme.GetAsync(address)).ProblemAsync(404);
        Assert.DoesNotContain(name, await acme.GetStringAsync(url), StringComparison.Ordinal);
    }

    [Theory, Trait("Req", "B2")]
    [InlineData("/api/session/teams")]
    [InlineData("/api/session/roles")]
    public async Task Another_tenant_sees_and_changes_nothing(string url)
    {
        var (acme, globex) = (await api.Acme, await api.Globex);
        var created = await acme.CreateAsync(url, Body(NewName()));
        var address = $"{url}/{created.Text("id")}";
        await HitAsync(acme, address);

        await (await globex.GetAsync(address)).ProblemAsync(404);
        await (await globex.GetAsync($"{address}/members")).ProblemAsync(404);
        await (await globex.PutAsJsonAsync(address, Body("Theirs"))).ProblemAsync(404);
        await (await globex.DeleteAsync(address)).ProblemAsync(404);
        Assert.DoesNotContain(created.Text("name"), await globex.GetStringAsync($"{url}?limit=50"), StringComparison.Ordinal);
        Assert.Equal(created.Text("name"), (await (await acme.GetAsync(address)).JsonAsync()).Text("name"));
        // The same name in another tenant is no conflict.
        var theirs = await globex.CreateAsync(url, Body(created.Text("name")));
        (await globex.DeleteAsync($"{url}/{theirs.Text("id")}")).Dispose();
        (await acme.DeleteAsync(address)).Dispose();
    }

    [Theory]
    [InlineData("/api/session/teams")]
    [InlineData("/api/session/roles")]
    public async Task Versions_names_and_repeated_requests_are_looked_after(string url)
    {
        var acme = await api.Acme;
        var (body, key) = (Body(NewName()), Guid.NewGuid().ToString());
        var created = await (await acme.PostAsync(url, body, key)).JsonAsync(HttpStatusCode.Created);
        var repeated = await (await acme.PostAsync(url, body, key)).JsonAsync(HttpStatusCode.Created);
        Assert.Equal(created.ToString(), repeated.ToString());
        Assert.Equal(["name"], (await (await acme.PostAsync(url, body)).ProblemAsync(409)).Fields());
        Assert.Equal(["name"], (await (await acme.PostAsync(url, Body(" "))).ProblemAsync(422)).Fields());
        Assert.Equal(["name"], (await (await acme.PostAsync(url, Body(new string('x', 300)))).ProblemAsync(422)).Fields());

        var address = $"{url}/{created.Text("id")}";
        await (await SendAsync(acme, HttpMethod.Put, address, "\"9\"", Body(NewName()))).ProblemAsync(412);
        await (await SendAsync(acme, HttpMethod.Delete, address, "\"9\"")).ProblemAsync(412);
        using var deleted = await SendAsync(acme, HttpMethod.Delete, address, "\"1\"");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await (await acme.PutAsJsonAsync(address, body)).ProblemAsync(404);
    }

    [Theory, Trait("Req", "D2")]
    [InlineData("/api/session/teams")]
    [InlineData("/api/session/roles")]
    public async Task Pages_and_cursors_walk_the_same_rows(string url)
    {
        // A tenant of its own: others' tests leave more rows than a page holds.
        using var caller = await api.SignInAsync(await api.AddUserAsync(await api.AddTenantAsync(), TestUsers.AllPermissions));
        var made = new List<string>();
        for (var number = 0; number < 5; number++)
            made.Add((await caller.CreateAsync(url, Body(NewName()))).Text("id"));
        var all = await (await caller.GetAsync($"{url}?limit=50")).JsonAsync();
        var total = all.GetProperty("pagination").GetProperty("total").GetInt64();
        Assert.Equal(total, all.GetProperty("data").GetArrayLength());

        var walked = new List<string>();
        var next = $"{url}?limit=2";
        while (true)
        {
            var page = await (await caller.GetAsync(next)).JsonAsync();
            walked.AddRange(page.GetProperty("data").EnumerateArray().Select(row => row.Text("id")));
            if (page.GetProperty("pagination").GetProperty("nextCursor").GetString() is not { } cursor)
                break;
            next = $"{url}?limit=2&cursor={cursor}";
        }
        Assert.Equal(all.GetProperty("data").EnumerateArray().Select(row => row.Text("id")), walked);
        await (await (await api.Globex).GetAsync(next)).ProblemAsync(400);
        foreach (var id in made)
            (await caller.DeleteAsync($"{url}/{id}")).Dispose();
    }

    [Fact]
    public async Task Members_join_and_leave_a_team()
    {
        var acme = await api.Acme;
        var team = $"/api/session/teams/{(await acme.CreateAsync("/api/session/teams", Body(NewName()))).Text("id")}";
        var agents = (await (await acme.GetAsync("/api/session/agents")).JsonAsync()).GetProperty("data");
        var member = agents[0].Text("id");

        Assert.Equal(HttpStatusCode.NoContent, (await acme.PutAsync($"{team}/members/{member}", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await acme.PutAsync($"{team}/members/{member}", null)).StatusCode);
        Assert.Equal(1, (await (await acme.GetAsync(team)).JsonAsync()).GetProperty("members").GetInt32());
        var members = await (await acme.GetAsync($"{team}/members")).JsonAsync();
        Assert.Equal(member, members.GetProperty("data")[0].Text("userId"));
        await (await acme.PutAsync($"{team}/members/{Guid.NewGuid()}", null)).ProblemAsync(404);
        var stranger = await api.ScalarAsync<Guid>("SELECT id FROM users WHERE email = 'admin@globex.example'");
        await (await acme.PutAsync($"{team}/members/{stranger}", null)).ProblemAsync(404);

        Assert.Equal(HttpStatusCode.NoContent, (await acme.DeleteAsync($"{team}/members/{member}")).StatusCode);
        await (await acme.DeleteAsync($"{team}/members/{member}")).ProblemAsync(404);
        Assert.Equal(0, (await (await acme.GetAsync(team)).JsonAsync()).GetProperty("members").GetInt32());
        (await acme.DeleteAsync(team)).Dispose();
    }

    [Fact, Trait("Req", "B7")]
    public async Task Role_says_what_it_may_and_the_last_administrator_stays()
    {
        using var acme = await NewTenantAsync();
        Assert.Equal(["permissions"], (await (await acme.PostAsync(
            "/api/session/roles", new { name = "Root", permissions = new[] { "platform:operate" } })).ProblemAsync(422)).Fields());
        var roles = (await (await acme.GetAsync("/api/session/roles?limit=50")).JsonAsync()).GetProperty("data");
        var admin = roles.EnumerateArray().Single(role => role.Text("name") == "admin");
        var address = $"/api/session/roles/{admin.Text("id")}";

        await (await acme.PutAsJsonAsync(address, new { name = "admin", permissions = new[] { "team:read" } })).ProblemAsync(409);
        await (await acme.DeleteAsync(address)).ProblemAsync(409);
        var members = (await (await acme.GetAsync($"{address}/members")).JsonAsync()).GetProperty("data");
        await (await acme.DeleteAsync($"{address}/members/{members[0].Text("userId")}")).ProblemAsync(409);
        Assert.Equal(admin.ToString(), (await (await acme.GetAsync(address)).JsonAsync()).ToString());

        var role = await acme.CreateAsync("/api/session/roles", new { name = NewName(), permissions = new[] { "team:read", "contacts:read", "team:read" } });
        Assert.Equal(["contacts:read", "team:read"], role.GetProperty("permissions").EnumerateArray().Select(name => name.GetString()!));
        var user = members[0].Text("userId");
        var own = $"/api/session/roles/{role.Text("id")}";
        Assert.Equal(HttpStatusCode.NoContent, (await acme.PutAsync($"{own}/members/{user}", null)).StatusCode);
        Assert.Equal(user, (await (await acme.GetAsync($"{own}/members")).JsonAsync()).GetProperty("data")[0].Text("userId"));
        Assert.Equal(HttpStatusCode.NoContent, (await acme.DeleteAsync($"{own}/members/{user}")).StatusCode);
        (await acme.DeleteAsync(own)).Dispose();
    }

    [Fact]
    public async Task Agent_is_made_changed_filtered_and_removed()
    {
        var acme = await api.Acme;
        var agents = (await (await acme.GetAsync("/api/session/agents")).JsonAsync()).GetProperty("data");
        var agent = agents.EnumerateArray().First();
        var address = $"/api/session/agents/{agent.Text("id")}";
        using var read = await acme.GetAsync(address);
        var body = new { userId = agent.Text("id"), status = "away", capacity = 7, skills = new[] { "french", "french", " orders " } };

        // The tag of the answer, which says more than the row, is good for If-Match all the same.
        await (await SendAsync(acme, HttpMethod.Put, address, "\"9.x\"", body)).ProblemAsync(412);
        var changed = await (await SendAsync(acme, HttpMethod.Put, address, read.Headers.ETag!.Tag, body)).JsonAsync();
        Assert.Equal(("away", 7), (changed.Text("status"), changed.GetProperty("capacity").GetInt32()));
        Assert.Equal(["french", "orders"], changed.GetProperty("skills").EnumerateArray().Select(skill => skill.GetString()!));
        var away = (await (await acme.GetAsync("/api/session/agents?status=away")).JsonAsync()).GetProperty("data");
        Assert.Contains(away.EnumerateArray(), row => row.Text("id") == agent.Text("id"));
        await (await acme.GetAsync("/api/session/agents?status=asleep")).ProblemAsync(400);
        Assert.Equal(["status"], (await (await acme.PutAsJsonAsync(address, new { status = "asleep" })).ProblemAsync(422)).Fields());

        await (await acme.PostAsync("/api/session/agents", body)).ProblemAsync(409);
        Assert.Equal(HttpStatusCode.NoContent, (await acme.DeleteAsync(address)).StatusCode);
        await (await acme.GetAsync(address)).ProblemAsync(404);
        await (await (await api.Globex).PostAsync("/api/session/agents", body)).ProblemAsync(422);
        var again = await acme.CreateAsync("/api/session/agents", body);
        Assert.Equal(agent.Text("email"), again.Text("email"));
    }

    [Fact]
    public async Task Agent_reads_the_team_but_changes_nothing()
    {
        var agent = await api.AcmeAgent;
        foreach (var url in new[] { "/api/session/agents", "/api/session/teams", "/api/session/roles" })
        {
            await (await agent.GetAsync(url)).JsonAsync();
            await (await agent.PostAsync(url, Body(NewName()))).ProblemAsync(403);
            await (await agent.DeleteAsync($"{url}/{Guid.NewGuid()}")).ProblemAsync(403);
        }
    }

    /// <summary>The only administrator of a tenant of its own: other tests make further ones in the shared tenants.</summary>
    private async Task<HttpClient> NewTenantAsync()
    {
        var name = $"roles-{Guid.NewGuid():N}";
        await using var command = api.Admin.CreateCommand(
            """
            WITH tenant AS (INSERT INTO tenants (id, slug, name, plan) VALUES (uuidv7(), $1, $1, 'free') RETURNING id),
            person AS (
                INSERT INTO users (id, email, name, password_hash)
                SELECT uuidv7(), $1 || '@roles.example', $1, password_hash FROM users WHERE email = 'admin@acme.example' RETURNING id),
            role AS (INSERT INTO roles (tenant_id, id, name) SELECT id, uuidv7(), 'admin' FROM tenant RETURNING tenant_id, id),
            member AS (INSERT INTO memberships (tenant_id, user_id) SELECT tenant.id, person.id FROM tenant, person RETURNING tenant_id, user_id),
            granted AS (
                INSERT INTO role_permissions (tenant_id, role_id, permission)
                SELECT tenant_id, id, permission FROM role, (VALUES ('team:read'), ('team:manage'), ('contacts:read')) AS held (permission))
            INSERT INTO membership_roles (tenant_id, user_id, role_id) SELECT member.tenant_id, user_id, role.id FROM member, role
            """);
        command.Parameters.AddWithValue(name);
        await command.ExecuteNonQueryAsync();
        return api.CreateClient((await api.LoginAsync($"{name}@roles.example")).GetProperty("accessToken").GetString());
    }

    private static object Body(string name) => new { name, description = "For a test", permissions = new[] { "team:read" } };

    private static string Hit(HttpResponseMessage answer) => answer.Headers.GetValues("X-Cache-Hit").Single();

    private static Task HitAsync(HttpClient client, string url) => Eventually.TrueAsync(async () =>
    {
        using var answer = await client.GetAsync(url);
        return Hit(answer) == "true";
    });

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpMethod method, string url, string ifMatch, object? body = null)
    {
        using var request = new HttpRequestMessage(method, url) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await client.SendAsync(request);
    }
}
