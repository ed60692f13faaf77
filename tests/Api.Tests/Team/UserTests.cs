using System.Net;
using System.Net.Http.Json;
using Platform.Testing;

namespace Platform.Api.Tests.Team;

[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class UserTests(ApiFixture api)
{
    [Fact, Trait("Req", "C2")]
    public async Task Profile_is_ones_own_and_its_change_is_in_the_next_answer()
    {
        var (admin, agent) = (await api.Acme, await api.AcmeAgent);
        var mine = await (await agent.GetAsync("/api/user/profile")).JsonAsync();
        Assert.Equal("agent@acme.example", mine.Text("email"));
        Assert.Equal("admin@acme.example", (await (await admin.GetAsync("/api/user/profile")).JsonAsync()).Text("email"));
        using (var known = await agent.GetAsync("/api/user/profile"))
            Assert.Equal("true", known.Headers.GetValues("X-Cache-Hit").Single());

        var name = $"Ada {Guid.NewGuid():N}";
        using (var updated = await agent.PutAsJsonAsync("/api/user/profile", new { name, locale = "pt-BR", timeZone = "America/Sao_Paulo" }))
        {
            var profile = await updated.JsonAsync();
            Assert.Equal((name, "pt-BR", "America/Sao_Paulo"), (profile.Text("name"), profile.Text("locale"), profile.Text("timeZone")));
            using var read = await agent.GetAsync("/api/user/profile");
            Assert.Equal(updated.Headers.ETag, read.Headers.ETag);
            Assert.Equal(profile.ToString(), (await read.JsonAsync()).ToString());
        }
        // Wherever the name is shown it is the new one.
        Assert.Contains(name, await admin.GetStringAsync("/api/session/agents?limit=50"), StringComparison.Ordinal);

        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/user/profile")
        {
            Content = JsonContent.Create(new { name = mine.Text("name"), locale = "en", timeZone = "UTC" }),
        };
        request.Headers.TryAddWithoutValidation("If-Match", "\"1\"");
        await (await agent.SendAsync(request)).ProblemAsync(412);
        using var restored = await agent.PutAsJsonAsync("/api/user/profile", new { name = mine.Text("name") });
        Assert.Equal(HttpStatusCode.OK, restored.StatusCode);
    }

    [Theory]
    [InlineData("""{"name":"","locale":"en","timeZone":"UTC"}""", "name")]
    [InlineData("""{"name":"A","locale":"english please","timeZone":"UTC"}""", "locale")]
    [InlineData("""{"name":"A","locale":"en","timeZone":"Mars/Olympus"}""", "timeZone")]
    [InlineData("""{"name":"A","locale":"en","timeZone":"../etc/passwd"}""", "timeZone")]
    public async Task Profile_with_an_invalid_field_names_it(string body, string field)
    {
        using var content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        Assert.Equal([field], (await (await (await api.Acme).PutAsync("/api/user/profile", content)).ProblemAsync(422)).Fields());
    }

    [Fact]
    public async Task Operator_has_no_profile_in_a_tenant()
    {
        var client = await api.Operator;
        await (await client.GetAsync("/api/user/profile")).ProblemAsync(403);
        await (await client.GetAsync("/api/user/subscription")).ProblemAsync(403);
    }

    [Fact]
    public async Task Subscription_says_plan_limits_and_what_is_used()
    {
        var acme = await (await (await api.Acme).GetAsync("/api/user/subscription")).JsonAsync();
        var globex = await (await (await api.Globex).GetAsync("/api/user/subscription")).JsonAsync();

        Assert.Equal(("pro", "free"), (acme.Text("plan"), globex.Text("plan")));
        Assert.Equal(500, acme.GetProperty("limits").GetProperty("requestsPerMinute").GetInt32());
        Assert.True(acme.GetProperty("used").GetProperty("seats").GetInt32() >= 2);
        Assert.True(acme.GetProperty("requests").GetProperty("limit").GetInt64() > 0);
        Assert.True(globex.GetProperty("used").GetProperty("contacts").GetInt64() > 0);
        Assert.True(acme.GetProperty("periodStart").GetDateTimeOffset() < acme.GetProperty("periodEnd").GetDateTimeOffset());
    }

    [Fact, Trait("Req", "D9")]
    public async Task Total_of_contacts_is_what_a_count_says_however_they_come_and_go()
    {
        var acme = await api.Acme;
        async Task SameAsync()
        {
            var counted = await api.ScalarAsync<long>("SELECT count(*) FROM contacts WHERE tenant_id = $1", Platform.Data.Seed.DemoAccounts.Acme);
            var page = await (await acme.GetAsync("/api/contacts?limit=1")).JsonAsync();
            Assert.Equal(counted, page.GetProperty("pagination").GetProperty("total").GetInt64());
        }

        await SameAsync();
        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(async number =>
            (await acme.CreateAsync("/api/contacts", new { name = "Counted", email = Contacts.ContactTests.NewEmail() })).Text("id")));
        await SameAsync();
        await Task.WhenAll(ids.Take(15).Select(async id => (await acme.DeleteAsync($"/api/contacts/{id}")).Dispose()));
        await SameAsync();
        await using (var command = api.Admin.CreateCommand(
            "DELETE FROM contacts WHERE tenant_id = $1 AND name = 'Counted'"))
        {
            command.Parameters.AddWithValue(Platform.Data.Seed.DemoAccounts.Acme);
            Assert.Equal(5, await command.ExecuteNonQueryAsync());
        }
        await SameAsync();
    }
}
