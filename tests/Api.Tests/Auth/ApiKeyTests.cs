using System.Net;
using System.Text.Json;
using Platform.Api.Features.ApiKeys;
using Platform.Api.Tests.Contacts;
using Platform.Data.Seed;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Api.Tests.Auth;

/// <summary>Keys for machines: what they open, and what they don't.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "B1")]
public sealed class ApiKeyTests(ApiFixture api)
{
    private const string Url = "/api/admin/api-keys", Contacts = "/api/contacts?limit=1";

    private static readonly string[] ReadContacts = [Permissions.ContactsRead];

    [Fact]
    public async Task Key_reads_and_writes_as_far_as_its_scopes_go()
    {
        var (_, key) = await CreateAsync(await ManagerAsync(DemoAccounts.Acme), ReadContacts);
        using var machine = api.CreateClient(key);

        await (await machine.GetAsync(Contacts)).JsonAsync();

        await (await machine.PostAsync("/api/contacts", new { name = "x", email = ContactTests.NewEmail() })).ProblemAsync(403);
        await (await machine.GetAsync(Url)).ProblemAsync(403);
    }

    [Fact]
    public async Task Key_sees_its_own_tenants_rows_only()
    {
        var (_, key) = await CreateAsync(await ManagerAsync(DemoAccounts.Acme), ReadContacts);
        using var machine = api.CreateClient(key);
        var foreign = await (await api.Globex).CreateAsync("/api/contacts", new { name = "Globex's own", email = ContactTests.NewEmail() });
        var own = await (await api.Acme).CreateAsync("/api/contacts", new { name = "Acme's own", email = ContactTests.NewEmail() });

        await (await machine.GetAsync($"/api/contacts/{own.Text("id")}")).JsonAsync();
        await (await machine.GetAsync($"/api/contacts/{foreign.Text("id")}")).ProblemAsync(404);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/contacts/{foreign.Text("id")}?tenant_id={DemoAccounts.Globex}");
        request.Headers.Add("X-Tenant-Id", DemoAccounts.Globex.ToString());
        await (await machine.SendAsync(request)).ProblemAsync(404);
    }

    [Fact]
    public async Task Key_is_shown_once_and_stored_as_a_hash()
    {
        var manager = await ManagerAsync(DemoAccounts.Acme);
        var (id, key) = await CreateAsync(manager, ReadContacts);

        var listed = await FindAsync(manager, id);
        var stored = await api.ScalarAsync<string>("SELECT row_to_json(k)::text FROM api_keys k WHERE id = $1", id);

        Assert.Equal(key[..11], listed.Text("prefix"));
        Assert.DoesNotContain(key[11..], listed.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(key[11..], stored, StringComparison.Ordinal);
        Assert.Equal("api-key.create", await api.ScalarAsync<string>("SELECT action FROM audit_log WHERE subject = $1", id.ToString()));
    }

    [Theory]
    [InlineData("contacts:write")]
    [InlineData("billing:manage")]
    [InlineData("no:such")]
    public async Task Key_with_a_scope_its_creator_doesnt_hold_is_refused(string scope)
    {
        using var response = await (await ManagerAsync(DemoAccounts.Acme)).PostAsync(Url, new { name = "too much", scopes = new[] { scope } });

        Assert.Contains(scope, (await response.ProblemAsync(403)).Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_cant_make_a_key_that_can_more_than_itself()
    {
        var (_, key) = await CreateAsync(await ManagerAsync(DemoAccounts.Acme), [Permissions.KeysManage]);
        using var machine = api.CreateClient(key);

        await (await machine.PostAsync(Url, new { name = "child", scopes = ReadContacts })).ProblemAsync(403);
        var (_, child) = await CreateAsync(machine, [Permissions.KeysManage]);

        Assert.NotEqual(key, child);
    }

    [Theory]
    [InlineData("""{"name":"","scopes":["contacts:read"]}""", "name")]
    [InlineData("""{"name":"a\u0000b","scopes":["contacts:read"]}""", "name")]
    [InlineData("""{"name":"x","scopes":[]}""", "scopes")]
    [InlineData("""{"name":"x"}""", "scopes")]
    [InlineData("""{"name":"x","scopes":[null]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["platform:operate"]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["contacts:read\n"]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["contacts:read"],"expiresAt":"2020-01-01T00:00:00Z"}""", "expiresAt")]
    public async Task Create_with_bad_input_names_the_field(string body, string field)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await (await ManagerAsync(DemoAccounts.Acme)).PostAsync(Url, content);

        Assert.Equal([field], (await response.ProblemAsync(422)).Fields());
    }

    [Fact]
    public async Task Revoked_key_is_out_at_once_here_and_within_seconds_elsewhere()
    {
        var manager = await ManagerAsync(DemoAccounts.Acme);
        var (id, key) = await CreateAsync(manager, ReadContacts);
        await using var other = await ApiReplica.StartAsync(api.AppConnectionString);
        using var here = api.CreateClient(key);
        using var there = other.Client(key);
        await (await here.GetAsync(Contacts)).JsonAsync();
        await (await there.GetAsync(Contacts)).JsonAsync();

        using var revoked = await manager.DeleteAsync($"{Url}/{id}");

        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        await (await here.GetAsync(Contacts)).ProblemAsync(401);
        await Eventually.TrueAsync(
            async () => (await there.GetAsync(Contacts)).StatusCode == HttpStatusCode.Unauthorized, TimeSpan.FromSeconds(8));
        await (await manager.DeleteAsync($"{Url}/{id}")).ProblemAsync(404);
    }

    [Fact]
    public async Task Key_of_another_tenant_cant_be_seen_or_revoked()
    {
        var (id, key) = await CreateAsync(await ManagerAsync(DemoAccounts.Acme), ReadContacts);
        var stranger = await ManagerAsync(DemoAccounts.Globex);

        await (await stranger.DeleteAsync($"{Url}/{id}")).ProblemAsync(404);

        var listed = await (await stranger.GetAsync($"{Url}?limit=50")).JsonAsync();
        Assert.DoesNotContain(id.ToString(), listed.GetRawText(), StringComparison.Ordinal);
        using var machine = api.CreateClient(key);
        await (await machine.GetAsync(Contacts)).JsonAsync();
    }

    [Fact]
    public async Task Expired_key_and_key_of_a_suspended_tenant_are_refused()
    {
        var time = new ManualTime();
        await using var replica = await ApiReplica.StartAsync(api.AppConnectionString, time);
        var tenant = await api.AddTenantAsync();
        var manager = await ManagerAsync(tenant);
        var (_, lasting) = await CreateAsync(manager, ReadContacts);
        var (_, brief) = await CreateAsync(manager, ReadContacts, DateTimeOffset.UtcNow.AddHours(1));
        using var lastingClient = replica.Client(lasting);
        using var briefClient = replica.Client(brief);
        await (await briefClient.GetAsync(Contacts)).JsonAsync();

        time.Advance(TimeSpan.FromHours(2));
        Assert.Contains("expired", (await (await briefClient.GetAsync(Contacts)).ProblemAsync(401)).Text("detail"), StringComparison.Ordinal);
        await (await lastingClient.GetAsync(Contacts)).JsonAsync();

        await api.ScalarAsync<Guid>("UPDATE tenants SET suspended_at = now() WHERE id = $1 RETURNING id", tenant);
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("This tenant is suspended.", (await (await lastingClient.GetAsync(Contacts)).ProblemAsync(403)).Text("detail"));
    }

    [Fact]
    public async Task Use_is_noted_at_most_once_a_minute()
    {
        var time = new ManualTime();
        await using var replica = await ApiReplica.StartAsync(api.AppConnectionString, time);
        var (id, key) = await CreateAsync(await ManagerAsync(DemoAccounts.Acme), ReadContacts);
        using var machine = replica.Client(key);
        var start = time.GetUtcNow();

        await (await machine.GetAsync(Contacts)).JsonAsync();
        time.Advance(TimeSpan.FromSeconds(30));
        await (await machine.GetAsync(Contacts)).JsonAsync();
        Assert.InRange((await UsedAsync() - start).TotalSeconds, -1, 1);

        time.Advance(TimeSpan.FromSeconds(31));
        await (await machine.GetAsync(Contacts)).JsonAsync();
        Assert.InRange((await UsedAsync() - start).TotalSeconds, 60, 62);

        async Task<DateTimeOffset> UsedAsync() =>
            new(await api.ScalarAsync<DateTime>("SELECT last_used_at FROM api_keys WHERE id = $1", id));
    }

    [Fact]
    public async Task Mistyped_unknown_and_malformed_keys_are_401_and_no_more()
    {
        var (_, key) = await CreateAsync(await ManagerAsync(DemoAccounts.Acme), ReadContacts);
        var mistyped = key[..20] + (key[20] == 'x' ? 'y' : 'x') + key[21..];
        foreach (var presented in new[] { mistyped, ApiKeyFormat.Create(), "pk_", "pk_" + new string('a', 49), key + "a", key.ToUpperInvariant() })
        {
            using var client = api.CreateClient();
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {presented}");
            await (await client.GetAsync(Contacts)).ProblemAsync(401);
        }
        Assert.False(ApiKeyFormat.IsWellFormed(mistyped));
        Assert.True(ApiKeyFormat.IsWellFormed(ApiKeyFormat.Create()));
    }

    [Fact]
    public async Task Machine_that_asks_for_a_persons_things_is_told_so()
    {
        var (_, key) = await CreateAsync(await ManagerAsync(DemoAccounts.Acme), ReadContacts);
        using var machine = api.CreateClient(key);

        foreach (var answer in new[] { await machine.GetAsync("/api/auth/me"), await machine.PostAsync("/api/realtime/ticket", null) })
            Assert.Contains("API key", (await answer.ProblemAsync(403)).Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_has_pages_and_cursors()
    {
        var manager = await ManagerAsync(await api.AddTenantAsync());
        for (var i = 0; i < 5; i++)
            await CreateAsync(manager, ReadContacts);

        var first = await (await manager.GetAsync($"{Url}?limit=2")).JsonAsync();
        Assert.Equal(5, first.GetProperty("pagination").GetProperty("total").GetInt64());
        var ids = Ids(first);
        while (first.GetProperty("pagination").GetProperty("nextCursor").GetString() is { } cursor)
        {
            first = await (await manager.GetAsync($"{Url}?limit=2&cursor={cursor}")).JsonAsync();
            ids.AddRange(Ids(first));
        }

        Assert.Equal(5, ids.Distinct().Count());
        Assert.Equal(5, ids.Count);

        static List<string> Ids(JsonElement page) => [.. page.GetProperty("data").EnumerateArray().Select(row => row.Text("id"))];
    }

    private async Task<HttpClient> ManagerAsync(Guid tenant) =>
        await api.SignInAsync(await api.AddUserAsync(tenant, Permissions.KeysManage, Permissions.ContactsRead));

    private static async Task<(Guid Id, string Key)> CreateAsync(HttpClient client, string[] scopes, DateTimeOffset? expiresAt = null)
    {
        var created = await client.CreateAsync(Url, new { name = "A machine", scopes, expiresAt });
        return (created.GetProperty("id").GetGuid(), created.Text("key"));
    }

    private static async Task<JsonElement> FindAsync(HttpClient client, Guid id)
    {
        var page = await (await client.GetAsync($"{Url}?limit=50")).JsonAsync();
        return page.GetProperty("data").EnumerateArray().Single(row => row.GetProperty("id").GetGuid() == id);
    }
}
