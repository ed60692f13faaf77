using System.Net;
using Platform.Data.Seed;
using Platform.Tenancy;

namespace Platform.Api.Tests.Auth;

[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class PasswordTests(ApiFixture api)
{
    private const string Url = "/api/auth/password", Contacts = "/api/contacts?limit=1", NewPassword = "A-new-password-1";

    [Fact]
    public async Task Change_ends_the_other_sessions_and_keeps_this_one()
    {
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead);
        var (mine, other) = (await api.LoginAsync(user.Email), await api.LoginAsync(user.Email));
        using var client = api.CreateClient(mine.Text("accessToken"));
        using var otherClient = api.CreateClient(other.Text("accessToken"));
        await (await otherClient.GetAsync(Contacts)).JsonAsync();

        using var changed = await client.PostAsync(Url, new { currentPassword = DemoAccounts.Password, newPassword = NewPassword });

        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
        await (await client.GetAsync(Contacts)).JsonAsync();
        await (await otherClient.GetAsync(Contacts)).ProblemAsync(401);
        await (await api.Anonymous.PostAsync("/api/auth/refresh", new { refreshToken = other.Text("refreshToken") })).ProblemAsync(401);
        await (await api.Anonymous.PostAsync("/api/auth/refresh", new { refreshToken = mine.Text("refreshToken") })).JsonAsync();
        await (await api.Anonymous.PostAsync("/api/auth/login", new { email = user.Email, password = DemoAccounts.Password })).ProblemAsync(401);
        await api.LoginAsync(user.Email, NewPassword);
    }

    [Fact]
    public async Task Wrong_present_password_is_named_and_leads_to_a_lock()
    {
        var user = await api.AddUserAsync(DemoAccounts.Acme);
        using var client = await api.SignInAsync(user);
        for (var i = 0; i < 5; i++)
        {
            var problem = await (await client.PostAsync(Url, new { currentPassword = "wrong", newPassword = NewPassword })).ProblemAsync(422);
            Assert.Equal(["currentPassword"], problem.Fields());
        }

        await (await client.PostAsync(Url, new { currentPassword = DemoAccounts.Password, newPassword = NewPassword })).ProblemAsync(429);
    }

    [Theory]
    [InlineData("short")]
    [InlineData(null)]
    public async Task New_password_that_is_too_short_is_named(string? password)
    {
        using var client = await api.SignInAsync(await api.AddUserAsync(DemoAccounts.Acme));
        using var response = await client.PostAsync(Url, new { currentPassword = DemoAccounts.Password, newPassword = password });

        Assert.Equal(["newPassword"], (await response.ProblemAsync(422)).Fields());
    }
}
