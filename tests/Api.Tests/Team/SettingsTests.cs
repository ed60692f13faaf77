using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Platform.Api.Tests.Auth;
using Platform.Tenancy;

namespace Platform.Api.Tests.Team;

/// <summary>A tenant's settings: cached, and gone from the cache once changed. Each test has a tenant of its own.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "B7")]
[Trait("Req", "C3")]
public sealed class SettingsTests(ApiFixture api)
{
    private const string Url = "/api/session/settings";

    [Fact]
    public async Task Settings_are_cached_until_they_change_on_every_replica()
    {
        var tenant = await api.AddTenantAsync();
        var admin = await api.SignInAsync(await api.AddUserAsync(tenant, Permissions.TeamManage));
        var member = await api.AddUserAsync(tenant, Permissions.ContactsRead);
        await using var other = await ApiReplica.StartAsync(api.AppConnectionString);
        using var there = other.Client((await api.LoginAsync(member.Email)).Text("accessToken"));

        Assert.Equal(("UTC", "en", "#3b5bdb"), await ReadAsync(there, "false"));
        Assert.Equal(("UTC", "en", "#3b5bdb"), await ReadAsync(there, "true"));
        using var changed = await admin.PutAsJsonAsync(Url, new { timeZone = "Europe/Paris", locale = "fr", brandColor = "#C2410C" });

        Assert.Equal("#c2410c", (await changed.JsonAsync()).Text("brandColor"));
        Assert.Equal(("Europe/Paris", "fr", "#c2410c"), await ReadAsync(admin, "false"));
        await Platform.Testing.Eventually.TrueAsync(async () => (await (await there.GetAsync(Url)).JsonAsync()).Text("locale") == "fr", TimeSpan.FromSeconds(2));
        Assert.Equal("settings.update", await api.ScalarAsync<string>("SELECT action FROM audit_log WHERE tenant_id = $1 AND action LIKE 'settings%'", tenant));

        // Another tenant's are its own.
        var stranger = await api.SignInAsync(await api.AddUserAsync(await api.AddTenantAsync(), Permissions.ContactsRead));
        Assert.Equal(("UTC", "en", "#3b5bdb"), await ReadAsync(stranger, "false"));
    }

    [Fact]
    public async Task Change_of_settings_that_were_changed_meanwhile_is_412()
    {
        var admin = await api.SignInAsync(await api.AddUserAsync(await api.AddTenantAsync(), Permissions.TeamManage));
        using var read = await admin.GetAsync(Url);
        using var first = await PutAsync(admin, read.Headers.ETag!);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        await (await PutAsync(admin, read.Headers.ETag!)).ProblemAsync(412);
        using var again = await PutAsync(admin, first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        using var now = await admin.GetAsync(Url);
        Assert.Equal(again.Headers.ETag, now.Headers.ETag);
    }

    [Theory]
    [InlineData("""{"timeZone":"Mars/Olympus"}""", "timeZone")]
    [InlineData("""{"locale":"english please"}""", "locale")]
    [InlineData("""{"brandColor":"red"}""", "brandColor")]
    public async Task Change_to_what_is_no_setting_names_the_field(string body, string field)
    {
        var admin = await api.SignInAsync(await api.AddUserAsync(await api.AddTenantAsync(), Permissions.TeamManage));
        using var content = new StringContent(body, new MediaTypeHeaderValue("application/json"));

        Assert.Equal([field], (await (await admin.PutAsync(Url, content)).ProblemAsync(422)).Fields());
    }

    [Fact]
    public async Task Member_without_the_permission_reads_but_doesnt_change_and_operators_have_none()
    {
        var member = await api.SignInAsync(await api.AddUserAsync(await api.AddTenantAsync(), Permissions.ContactsRead));
        await (await member.GetAsync(Url)).JsonAsync();

        await (await member.PutAsJsonAsync(Url, new { locale = "fr" })).ProblemAsync(403);
        await (await (await api.Operator).GetAsync(Url)).ProblemAsync(403);
    }

    private static async Task<(string TimeZone, string Locale, string Color)> ReadAsync(HttpClient client, string hit)
    {
        using var response = await client.GetAsync(Url);
        var settings = await response.JsonAsync();
        Assert.Equal(hit, response.Headers.GetValues("X-Cache-Hit").Single());
        return (settings.Text("timeZone"), settings.Text("locale"), settings.Text("brandColor"));
    }

    private static async Task<HttpResponseMessage> PutAsync(HttpClient client, EntityTagHeaderValue tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, Url) { Content = JsonContent.Create(new { locale = "fr" }) };
        request.Headers.IfMatch.Add(tag);
        return await client.SendAsync(request);
    }
}
