using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Platform.Api.Features.Auth;
using Platform.Data.Seed;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Api.Tests.Auth;

/// <summary>What a token says counts only as far as it is still so.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "B7")]
public sealed class StandingTests(ApiFixture api)
{
    private const string Contacts = "/api/contacts?limit=1";

    private IPermissionChanges Changes => api.Services.GetRequiredService<IPermissionChanges>();

    [Fact]
    public async Task Permission_taken_or_given_holds_for_the_next_request_with_the_same_token()
    {
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        using var client = await api.SignInAsync(user);
        await (await client.GetAsync(Contacts)).JsonAsync();

        await api.SetPermissionsAsync(user, Permissions.ImportsWrite);
        await Changes.ChangedAsync(user.Tenant, user.Id);
        await (await client.GetAsync(Contacts)).ProblemAsync(403);

        await api.SetPermissionsAsync(user, Permissions.ContactsRead);
        await Changes.AllChangedAsync(user.Tenant);
        await (await client.GetAsync(Contacts)).JsonAsync();
    }

    [Fact]
    public async Task Change_reaches_other_replicas_at_once()
    {
        await using var other = await ApiReplica.StartAsync(api.AppConnectionString);
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        using var client = other.Client((await api.LoginAsync(user.Email)).Text("accessToken"));
        await (await client.GetAsync(Contacts)).JsonAsync();

        await api.SetPermissionsAsync(user);
        await Changes.ChangedAsync(user.Tenant, user.Id);

        // Well below the ten seconds after which memory would look by itself.
        await Eventually.TrueAsync(
            async () => (await client.GetAsync(Contacts)).StatusCode == HttpStatusCode.Forbidden, TimeSpan.FromSeconds(3));
    }

    [Theory]
    [InlineData("DELETE FROM memberships WHERE user_id = $1 RETURNING user_id", 401)]
    [InlineData("UPDATE users SET disabled_at = now() WHERE id = $1 RETURNING id", 401)]
    [InlineData("UPDATE tenants SET suspended_at = now() WHERE id = (SELECT tenant_id FROM memberships WHERE user_id = $1) RETURNING id", 403)]
    public async Task Change_nobody_told_of_holds_within_a_minute(string change, int status)
    {
        var time = new ManualTime();
        await using var replica = await ApiReplica.StartAsync(api.AppConnectionString, time);
        var user = await api.AddUserAsync(await api.AddTenantAsync(), Permissions.ContactsRead);
        using var client = replica.Client((await api.LoginAsync(user.Email)).Text("accessToken"));
        await (await client.GetAsync(Contacts)).JsonAsync();

        await api.ScalarAsync<Guid>(change, user.Id);
        await (await client.GetAsync(Contacts)).JsonAsync();
        time.Advance(TimeSpan.FromSeconds(60));

        await (await client.GetAsync(Contacts)).ProblemAsync(status);
    }

    [Fact]
    public async Task Change_holds_within_seconds_while_redis_is_away()
    {
        await using var replica = await ApiReplica.StartAsync(
            api.AppConnectionString, null, ("ConnectionStrings:redis", $"127.0.0.1:{PortFinder.FreePort()},abortConnect=false,connectTimeout=500"));
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        using var client = replica.Client((await api.LoginAsync(user.Email)).Text("accessToken"));
        await (await client.GetAsync(Contacts)).JsonAsync();

        await api.SetPermissionsAsync(user);

        await Eventually.TrueAsync(async () => (await client.GetAsync(Contacts)).StatusCode == HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Suspended_tenant_is_out_and_the_other_one_isnt()
    {
        var user = await api.AddUserAsync(await api.AddTenantAsync(), Permissions.ContactsRead);
        using var client = await api.SignInAsync(user);
        await (await client.GetAsync(Contacts)).JsonAsync();

        await api.ScalarAsync<Guid>("UPDATE tenants SET suspended_at = now() WHERE id = $1 RETURNING id", user.Tenant.Value);
        await Changes.SuspendedAsync(user.Tenant);

        var problem = await (await client.GetAsync(Contacts)).ProblemAsync(403);
        Assert.Equal("This tenant is suspended.", problem.Text("detail"));
        await (await (await api.Acme).GetAsync(Contacts)).JsonAsync();
    }

    [Fact]
    public async Task Logout_ends_the_access_token_of_that_session_only()
    {
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        var (first, second) = (await api.LoginAsync(user.Email), await api.LoginAsync(user.Email));
        using var firstClient = api.CreateClient(first.Text("accessToken"));
        using var secondClient = api.CreateClient(second.Text("accessToken"));
        await (await firstClient.GetAsync(Contacts)).JsonAsync();
        await (await secondClient.GetAsync(Contacts)).JsonAsync();

        using var logout = await firstClient.PostAsync("/api/auth/logout", new { refreshToken = first.Text("refreshToken") });

        Assert.Equal(HttpStatusCode.NoContent, logout.StatusCode);
        await (await firstClient.GetAsync(Contacts)).ProblemAsync(401);
        await (await secondClient.GetAsync(Contacts)).JsonAsync();
    }

    [Fact]
    public async Task Logout_everywhere_ends_all_sessions_of_the_user()
    {
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        var (first, second) = (await api.LoginAsync(user.Email), await api.LoginAsync(user.Email));
        using var client = api.CreateClient(first.Text("accessToken"));
        await (await client.GetAsync(Contacts)).JsonAsync();

        using var logout = await api.Anonymous.PostAsync(
            "/api/auth/logout", new { refreshToken = second.Text("refreshToken"), everywhere = true });

        Assert.Equal(HttpStatusCode.NoContent, logout.StatusCode);
        await (await client.GetAsync(Contacts)).ProblemAsync(401);
        using var renewal = await api.Anonymous.PostAsync("/api/auth/refresh", new { refreshToken = first.Text("refreshToken") });
        await renewal.ProblemAsync(401);
    }

    [Fact]
    public async Task Refresh_token_reused_while_the_session_is_renewed_20_times_at_once_ends_all_of_it()
    {
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        var stolen = (await api.LoginAsync(user.Email)).Text("refreshToken");
        var current = await (await api.Anonymous.PostAsync("/api/auth/refresh", new { refreshToken = stolen })).JsonAsync();

        var tokens = Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? current.Text("refreshToken") : stolen);
        var answers = await Task.WhenAll(tokens.Select(token => api.Anonymous.PostAsync("/api/auth/refresh", new { refreshToken = token })));

        var alive = await api.ScalarAsync<long>(
            "SELECT count(*) FROM refresh_tokens WHERE user_id = $1 AND revoked_at IS NULL", user.Id);
        Assert.Equal(0, alive);
        foreach (var answer in answers.Where(answer => answer.StatusCode == HttpStatusCode.OK))
        {
            var renewed = await answer.JsonAsync();
            await (await api.Anonymous.PostAsync("/api/auth/refresh", new { refreshToken = renewed.Text("refreshToken") })).ProblemAsync(401);
            using var client = api.CreateClient(renewed.Text("accessToken"));
            await (await client.GetAsync(Contacts)).ProblemAsync(401);
        }
        using var before = api.CreateClient(current.Text("accessToken"));
        await (await before.GetAsync(Contacts)).ProblemAsync(401);
    }

    [Fact]
    public async Task Token_of_nobody_is_refused_though_its_signature_is_good()
    {
        var account = new Account(
            Guid.NewGuid(), "nobody@acme.example", "Nobody", IsOperator: false, Disabled: false,
            DemoAccounts.Acme, "acme", "pro", Suspended: false, ["admin"], [Permissions.ContactsRead]);
        var (token, _) = await api.Services.GetRequiredService<AccessTokens>().CreateAsync(account, Guid.NewGuid(), default);
        using var client = api.CreateClient(token);

        await (await client.GetAsync(Contacts)).ProblemAsync(401);
    }

    [Fact]
    public async Task Token_of_one_tenant_for_a_member_of_another_is_refused()
    {
        var user = await api.AddUserAsync(DemoAccounts.Globex, Permissions.ContactsRead);
        var account = new Account(
            user.Id, user.Email, "Test", IsOperator: false, Disabled: false,
            DemoAccounts.Acme, "acme", "pro", Suspended: false, [], [Permissions.ContactsRead]);
        var (token, _) = await api.Services.GetRequiredService<AccessTokens>().CreateAsync(account, Guid.NewGuid(), default);
        using var client = api.CreateClient(token);

        await (await client.GetAsync(Contacts)).ProblemAsync(401);
    }

    [Fact]
    public async Task Token_that_claims_to_be_an_operators_is_refused_when_its_user_is_none()
    {
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        var account = new Account(
            user.Id, user.Email, "Test", IsOperator: true, Disabled: false, null, null, null, Suspended: false, [], []);
        var (token, _) = await api.Services.GetRequiredService<AccessTokens>().CreateAsync(account, Guid.NewGuid(), default);
        using var client = api.CreateClient(token);

        await (await client.GetAsync("/api/auth/me")).ProblemAsync(401);
    }
}
