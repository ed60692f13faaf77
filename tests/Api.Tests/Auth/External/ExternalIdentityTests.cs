using System.Net;
using Npgsql;
using Platform.Data.Seed;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Api.Tests.Auth.External;

/// <summary>Who somebody of an external authority is here.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "B1")]
public sealed class ExternalIdentityTests(ApiFixture api, ExternalReplica external) : IClassFixture<ExternalReplica>
{
    private readonly TestAuthority _authority = external.Authority;

    [Fact]
    public async Task First_token_with_a_verified_address_links_and_later_ones_need_none()
    {
        var (tenant, other) = (await api.AddTenantAsync(), await api.AddTenantAsync());
        var (user, stranger) = (await api.AddUserAsync(tenant, Permissions.ContactsRead), await api.AddUserAsync(other, Permissions.ContactsRead));
        await AddContactAsync(tenant, "Ours");
        await AddContactAsync(other, "Theirs");
        var subject = NewSubject();

        var page = await (await external.GetAsync(_authority.Token(subject, user.Email.ToUpperInvariant(), true))).JsonAsync();
        Assert.Equal(["Ours"], page.GetProperty("data").EnumerateArray().Select(row => row.Text("name")));
        // Whatever the address is by now, and whoever's.
        page = await (await external.GetAsync(_authority.Token(subject, stranger.Email, true))).JsonAsync();
        Assert.Equal(["Ours"], page.GetProperty("data").EnumerateArray().Select(row => row.Text("name")));
        await (await external.GetAsync(_authority.Token(subject))).JsonAsync();

        var me = await (await external.GetAsync(_authority.Token(subject), "/api/auth/me")).JsonAsync();
        Assert.Equal(user.Id, me.GetProperty("userId").GetGuid());
        Assert.Equal(tenant, me.GetProperty("tenantId").GetGuid());
        Assert.Equal(1, await api.ScalarAsync<long>(
            "SELECT count(*) FROM audit_log WHERE tenant_id = $1 AND actor_id = $2 AND action = 'auth.external-link'", tenant, user.Id));
    }

    [Fact]
    public async Task First_token_20_times_at_once_links_once_and_all_are_let_in()
    {
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        var subject = NewSubject();

        // Tokens that differ, so that none is remembered of another.
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => external.GetAsync(
            _authority.Token(subject, user.Email, true, claims: [("jti", $"{i}")]), "/api/contacts?limit=1")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal(1, await api.ScalarAsync<long>("SELECT count(*) FROM external_identities WHERE user_id = $1", user.Id));
    }

    [Fact]
    public async Task What_else_the_authority_says_of_permissions_tenants_and_sessions_means_nothing()
    {
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        (string, object)[] claims =
        [
            ("permission", new[] { Permissions.ContactsWrite, Permissions.PlatformOperate, Permissions.MetricsRead }), ("role", "admin"),
            ("tenant_id", DemoAccounts.Globex.ToString()), ("tenant", "globex"), ("plan", "enterprise"), ("api_key", Guid.NewGuid().ToString()),
            ("sid", Guid.NewGuid().ToString()),
        ];
        var token = _authority.Token(NewSubject(), user.Email, true, claims: claims);

        for (var time = 0; time < 2; time++)
        {
            var me = await (await external.GetAsync(token, "/api/auth/me")).JsonAsync();
            Assert.Equal(user.Id, me.GetProperty("userId").GetGuid());
            Assert.Equal("acme", me.Text("tenant"));
            Assert.Equal([Permissions.ContactsRead], me.GetProperty("permissions").EnumerateArray().Select(name => name.GetString()));
            using var client = external.Client(token);
            await (await client.PostAsync("/api/contacts", new { name = "X" })).ProblemAsync(403);
            await (await client.GetAsync("/api/admin/performance-metrics")).ProblemAsync(403);
            await (await client.GetAsync("/api/operator/tenants")).ProblemAsync(403);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(false)]
    [InlineData("false")]
    [InlineData("yes")]
    public async Task Address_that_isnt_verified_is_403_and_links_nobody(object? verified)
    {
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);

        var problem = await (await external.GetAsync(_authority.Token(NewSubject(), user.Email, verified))).ProblemAsync(403);

        Assert.Contains("verified", problem.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(0, await api.ScalarAsync<long>("SELECT count(*) FROM external_identities WHERE user_id = $1", user.Id));
    }

    [Fact]
    public async Task Verified_as_a_string_is_verified()
    {
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        await (await external.GetAsync(_authority.Token(NewSubject(), user.Email, "true"))).JsonAsync();
    }

    [Fact]
    public async Task Unknown_address_none_a_disabled_user_and_one_of_no_tenant_are_403()
    {
        var disabled = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        await api.ScalarAsync<Guid>("UPDATE users SET disabled_at = now() WHERE id = $1 RETURNING id", disabled.Id);
        var homeless = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        await api.ScalarAsync<Guid>("DELETE FROM memberships WHERE user_id = $1 RETURNING user_id", homeless.Id);

        foreach (var email in new[] { $"{Guid.NewGuid():N}@nobody.example", null, disabled.Email, homeless.Email })
        {
            var problem = await (await external.GetAsync(_authority.Token(NewSubject(), email, true))).ProblemAsync(403);
            Assert.Contains("Nobody here is known", problem.Text("detail"), StringComparison.Ordinal);
        }
        Assert.Equal(0, await api.ScalarAsync<long>(
            "SELECT count(*) FROM external_identities WHERE user_id = ANY ($1)", new[] { disabled.Id, homeless.Id }));
    }

    [Fact]
    public async Task Address_given_to_somebody_else_over_there_doesnt_come_with_the_account()
    {
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        await (await external.GetAsync(_authority.Token(NewSubject(), user.Email, true))).JsonAsync();

        var problem = await (await external.GetAsync(_authority.Token(NewSubject(), user.Email, true))).ProblemAsync(403);

        Assert.Contains("Another identity", problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tenant_is_the_one_joined_first_or_the_one_the_authority_names_if_the_user_is_a_member()
    {
        var (first, second) = (await api.AddTenantAsync(), await api.AddTenantAsync());
        var user = await api.AddUserAsync(first, Permissions.ContactsRead);
        await api.ScalarAsync<Guid>("INSERT INTO memberships (tenant_id, user_id, created_at) VALUES ($1, $2, now() + interval '1 s') RETURNING user_id", second, user.Id);
        var subject = NewSubject();

        Assert.Equal(first, await TenantAsync(_authority.Token(subject, user.Email, true)));
        Assert.Equal(second, await TenantAsync(_authority.Token(subject, claims: [("organization", $"test-{second}")])));
        Assert.Equal(second, await TenantAsync(_authority.Token(subject, claims: [("organization", second.ToString())])));
        Assert.Equal(first, await TenantAsync(_authority.Token(subject, claims: [("organization", first.ToString())])));
        foreach (var foreign in new[] { "globex", DemoAccounts.Globex.ToString(), "", "no-such" })
            await (await external.GetAsync(_authority.Token(subject, claims: [("organization", foreign)]), "/api/auth/me")).ProblemAsync(403);
        await (await external.GetAsync(_authority.Token(subject, claims: [("organization", new[] { $"test-{first}", $"test-{second}" })]))).ProblemAsync(403);

        using var client = external.Client(_authority.Token(subject));
        foreach (var name in new[] { "organization", "X-Tenant", "tenant_id" })
            client.DefaultRequestHeaders.Add(name, second.ToString());
        Assert.Equal(first, (await (await client.GetAsync($"/api/auth/me?organization={second}")).JsonAsync()).GetProperty("tenantId").GetGuid());
    }

    [Fact]
    public async Task Suspended_tenant_and_removed_user_are_out_with_a_token_that_was_good()
    {
        var user = await api.AddUserAsync(await api.AddTenantAsync(), Permissions.ContactsRead);
        var token = _authority.Token(NewSubject(), user.Email, true);
        await (await external.GetAsync(token)).JsonAsync();

        using (var suspended = await (await api.Operator).PostAsync($"/api/operator/tenants/{user.Tenant}/suspend", null))
            Assert.Equal(HttpStatusCode.NoContent, suspended.StatusCode);
        await Testing.Eventually.TrueAsync(async () => (await external.GetAsync(token)).StatusCode == HttpStatusCode.Forbidden);
        Assert.Equal("This tenant is suspended.", (await (await external.GetAsync(token)).ProblemAsync(403)).Text("detail"));
        await (await external.GetAsync(_authority.Token(NewSubject(), user.Email, true))).ProblemAsync(403);

        var removed = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        token = _authority.Token(NewSubject(), removed.Email, true);
        await (await external.GetAsync(token)).JsonAsync();
        using (var gone = await (await api.Acme).DeleteAsync($"/api/admin/members/{removed.Id}"))
            Assert.True(gone.IsSuccessStatusCode, $"{gone.StatusCode}");
        await Testing.Eventually.TrueAsync(async () => (await external.GetAsync(token)).StatusCode == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Operators_come_this_way_only_where_that_is_allowed()
    {
        await using var allowing = await ExternalReplica.StartAsync(api, _authority, null, ("Auth:External:AllowOperators", "true"));
        var operatorEmail = $"{Guid.NewGuid():N}@platform.example";
        await api.ScalarAsync<Guid>(
            "INSERT INTO users (id, email, name, password_hash, is_operator) VALUES ($1, $2, 'Op', 'x', true) RETURNING id",
            Guid.CreateVersion7(), operatorEmail);
        var token = _authority.Token(NewSubject(), operatorEmail, true);
        const string url = "/api/operator/tenants?limit=1";

        await (await external.GetAsync(token, url)).ProblemAsync(403);
        using var client = allowing.Client(token);
        await (await client.GetAsync(url)).JsonAsync();
        await (await client.GetAsync("/api/contacts")).ProblemAsync(403);
        // Linked by now, and still not let in elsewhere.
        var problem = await (await external.GetAsync(token, url)).ProblemAsync(403);
        Assert.Contains("Operators", problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Realtime_ticket_can_be_bought_with_an_external_token()
    {
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        using var client = external.Client(_authority.Token(NewSubject(), user.Email, true));
        Assert.NotEmpty((await (await client.PostAsync("/api/realtime/ticket", null)).JsonAsync()).Text("ticket"));
    }

    [Theory]
    [InlineData("SELECT count(*) FROM external_identities")]
    [InlineData("INSERT INTO external_identities VALUES ('i', 's', gen_random_uuid(), now())")]
    [InlineData("UPDATE external_identities SET subject = 'x'")]
    [InlineData("DELETE FROM external_identities")]
    public async Task Services_cant_touch_the_links_themselves(string sql)
    {
        await using var source = NpgsqlDataSource.Create(api.AppConnectionString);
        await using var command = source.CreateCommand(sql);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteScalarAsync());
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    private static string NewSubject() => Guid.NewGuid().ToString("N");

    private async Task<Guid> TenantAsync(string token) =>
        (await (await external.GetAsync(token, "/api/auth/me")).JsonAsync()).GetProperty("tenantId").GetGuid();

    private Task<Guid> AddContactAsync(Guid tenant, string name) => api.ScalarAsync<Guid>(
        "INSERT INTO contacts (tenant_id, id, name, phone) VALUES ($1, $2, $3, '+15550100') RETURNING id", tenant, Guid.CreateVersion7(), name);
}
