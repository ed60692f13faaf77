using System.Net.Http.Json;
using Platform.Api.Tests.Auth;
using Platform.Data.Seed;
using Platform.Tenancy;

namespace Platform.Api.Tests.Team;

/// <summary>Who manages the team can't make more of anybody, themselves included, than they are.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "B7")]
public sealed class RoleEscalationTests(ApiFixture api)
{
    private const string Roles = "/api/session/roles";

    [Fact]
    public async Task Manager_can_neither_write_nor_give_nor_take_permissions_it_does_not_hold()
    {
        var user = await api.AddUserAsync(DemoAccounts.Acme, Permissions.TeamRead, Permissions.TeamManage);
        using var manager = await api.SignInAsync(user);
        var acme = await api.Acme;
        var strong = await acme.CreateAsync(Roles, new { name = $"Strong {user.Id}", permissions = new[] { Permissions.BillingManage } });
        var strongUrl = $"{Roles}/{strong.Text("id")}";
        var own = await manager.CreateAsync(Roles, new { name = $"Own {user.Id}", permissions = new[] { Permissions.TeamRead } });
        var ownUrl = $"{Roles}/{own.Text("id")}";
        object wider = new { name = $"Own {user.Id}", permissions = new[] { Permissions.TeamRead, Permissions.BillingManage } };

        await (await manager.PostAsync(Roles, new { name = "Another", permissions = new[] { Permissions.BillingManage } })).ProblemAsync(403);
        await (await manager.PutAsJsonAsync(ownUrl, wider)).ProblemAsync(403);
        await (await manager.PutAsJsonAsync(strongUrl, new { name = "Weak", permissions = Array.Empty<string>() })).ProblemAsync(403);
        await (await manager.PutAsync($"{strongUrl}/members/{user.Id}", null)).ProblemAsync(403);
        await (await manager.DeleteAsync(strongUrl)).ProblemAsync(403);

        Assert.Equal([Permissions.BillingManage], await PermissionsAsync(strongUrl));
        Assert.Equal([Permissions.TeamRead], await PermissionsAsync(ownUrl));
    }

    private async Task<string[]> PermissionsAsync(string url) =>
        [.. (await (await (await api.Acme).GetAsync(url)).JsonAsync()).GetProperty("permissions").EnumerateArray().Select(one => one.GetString()!)];
}
