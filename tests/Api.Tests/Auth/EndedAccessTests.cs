using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Platform.Data.Seed;
using Platform.Events;
using Platform.Tenancy;

namespace Platform.Api.Tests.Auth;

/// <summary>What is left for those who only see tokens, when access ends before they do.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "G1")]
public sealed class EndedAccessTests(ApiFixture api)
{
    [Fact]
    public async Task Suspension_is_there_to_be_found_until_it_ends()
    {
        var user = await api.AddUserAsync(await api.AddTenantAsync(), Permissions.ContactsRead);
        var token = await TokenAsync(user);
        Assert.Equal(AccessEnd.None, await FindAsync(user, token));

        await (await api.Operator).PostAsync($"/api/operator/tenants/{user.Tenant}/suspend", null);
        Assert.Equal(AccessEnd.Suspended, await FindAsync(user, token));

        await (await api.Operator).PostAsync($"/api/operator/tenants/{user.Tenant}/resume", null);
        Assert.Equal(AccessEnd.None, await FindAsync(user, token));
    }

    [Fact]
    public async Task Signing_out_ends_that_session_and_everywhere_ends_all()
    {
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        var logins = new[] { await api.LoginAsync(user.Email), await api.LoginAsync(user.Email), await api.LoginAsync(user.Email) };
        var tokens = logins.Select(login => new JsonWebToken(login.Text("accessToken"))).ToList();

        await api.Anonymous.PostAsync("/api/auth/logout", new { refreshToken = logins[0].Text("refreshToken") });
        Assert.Equal([AccessEnd.Ended, AccessEnd.None, AccessEnd.None], await FindAllAsync());

        await api.Anonymous.PostAsync("/api/auth/logout", new { refreshToken = logins[1].Text("refreshToken"), everywhere = true });
        Assert.Equal([AccessEnd.Ended, AccessEnd.Ended, AccessEnd.Ended], await FindAllAsync());
        // Signed in anew at once, within the same second even.
        Assert.Equal(AccessEnd.None, await FindAsync(user, await TokenAsync(user)));

        async Task<AccessEnd[]> FindAllAsync() => await Task.WhenAll(tokens.Select(token => FindAsync(user, token)));
    }

    [Fact]
    public async Task Removed_members_token_is_ended()
    {
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        var token = await TokenAsync(user);

        await (await api.Acme).DeleteAsync($"/api/admin/members/{user.Id}");

        Assert.Equal(AccessEnd.Ended, await FindAsync(user, token));
    }

    private async Task<JsonWebToken> TokenAsync(TestUser user) => new((await api.LoginAsync(user.Email)).Text("accessToken"));

    private Task<AccessEnd> FindAsync(TestUser user, JsonWebToken token) => api.Services.GetRequiredService<EndedAccess>().FindAsync(
        user.Tenant, user.Id, Guid.Parse(token.GetClaim("sid").Value), new DateTimeOffset(token.IssuedAt));
}
