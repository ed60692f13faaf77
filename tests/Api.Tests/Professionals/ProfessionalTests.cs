using System.Net;
using System.Text.Json;

namespace Platform.Api.Tests.Professionals;

[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class ProfessionalTests(ApiFixture api)
{
    private const string Url = "/api/professionals";

    [Fact]
    public async Task Create_then_get_gives_the_professional_tidied()
    {
        var client = await api.Acme;

        using var response = await client.PostAsync(Url, new
        {
            name = " Ada Lund ", title = "Adviser", email = "ada@acme.example", phone = "0044 7700 900-123",
            specialties = new[] { "tents", "Tents", "boots" }, timeZone = "Europe/Madrid",
        });
        var created = await response.JsonAsync(HttpStatusCode.Created);

        Assert.Equal(("Ada Lund", "+447700900123", "Europe/Madrid", true),
            (created.Text("name"), created.Text("phone"), created.Text("timeZone"), created.GetProperty("active").GetBoolean()));
        Assert.Equal(["tents", "boots"], created.GetProperty("specialties").EnumerateArray().Select(word => word.GetString()));
        using var got = await client.GetAsync(response.Headers.Location);
        Assert.Equal(created.ToString(), (await got.JsonAsync()).ToString());
        Assert.Equal("\"1\"", got.Headers.ETag!.Tag);
    }

    [Fact]
    public async Task Create_with_invalid_fields_names_them()
    {
        (object Body, string[] Fields)[] cases =
        [
            (new { }, ["name"]),
            (new { name = "x", email = "nobody" }, ["email"]),
            (new { name = "x", phone = "call me" }, ["phone"]),
            (new { name = "x", timeZone = "Mars/Olympus" }, ["timeZone"]),
            (new { name = "x", timeZone = "../../etc/passwd" }, ["timeZone"]),
            (new { name = "x", specialties = Enumerable.Range(0, 21).Select(i => $"s{i}") }, ["specialties"]),
            (new { name = "x", specialties = new[] { "" } }, ["specialties"]),
            (new { name = "x", title = new string('x', 101) }, ["title"]),
        ];
        foreach (var (body, fields) in cases)
            Assert.Equal(fields, (await (await (await api.Acme).PostAsync(Url, body)).ProblemAsync(422)).Fields());
    }

    [Fact]
    public async Task List_filters_and_searches_and_shows_changes_at_once()
    {
        var client = await api.Acme;
        var word = $"w{Guid.NewGuid():N}"[..20];
        var first = await client.CreateAsync(Url, new { name = $"{word} One", specialties = new[] { word } });
        await client.CreateAsync(Url, new { name = $"{word} Two", active = false });

        Assert.Equal([$"{word} Two", $"{word} One"], await NamesAsync(client, $"?search={word.ToUpperInvariant()}"));
        Assert.Equal([$"{word} One"], await NamesAsync(client, $"?search={word}&active=true"));
        Assert.Equal([$"{word} Two"], await NamesAsync(client, $"?search={word}&active=false"));
        Assert.Equal([$"{word} One"], await NamesAsync(client, $"?specialty={word}"));
        Assert.Empty(await NamesAsync(client, $"?search={word}%25"));
        using var hit = await client.GetAsync($"{Url}?search={word}&active=true");
        Assert.Equal("true", hit.Headers.GetValues("X-Cache-Hit").Single());

        using var changed = await client.ChangeAsync(
            HttpMethod.Put, $"{Url}/{first.Text("id")}", new { name = $"{word} Renamed" }, "\"1\"");
        Assert.True((await changed.JsonAsync()).GetProperty("active").GetBoolean());
        Assert.Equal([$"{word} Renamed"], await NamesAsync(client, $"?search={word}&active=true"));
        await (await client.ChangeAsync(HttpMethod.Put, $"{Url}/{first.Text("id")}", new { name = "x" }, "\"1\"")).ProblemAsync(412);
        await (await client.GetAsync($"{Url}?active=perhaps")).ProblemAsync(400);
        await (await client.GetAsync($"{Url}?specialty=%00")).ProblemAsync(400);
    }

    [Fact]
    public async Task Professional_with_events_is_made_inactive_instead_of_deleted()
    {
        var client = await api.Acme;
        var created = await client.CreateAsync(Url, new { name = "Busy" });
        var (id, url) = (created.GetProperty("id").GetGuid(), $"{Url}/{created.Text("id")}");
        var booked = await client.CreateAsync("/api/events", Bookings.Body(id));

        var problem = await (await client.DeleteAsync(url)).ProblemAsync(409);
        Assert.Contains("inactive", problem.Text("detail"), StringComparison.Ordinal);

        await (await client.ChangeAsync(HttpMethod.Put, url, new { name = "Busy", active = false })).JsonAsync();
        Assert.Equal(["professionalId"], (await (await client.PostAsync("/api/events", Bookings.Body(id))).ProblemAsync(422)).Fields());
        // What was booked before may still be moved.
        await (await client.ChangeAsync(HttpMethod.Put, $"/api/events/{booked.Text("id")}", Bookings.Body(id))).JsonAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync($"/api/events/{booked.Text("id")}")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync(url)).StatusCode);
        await (await client.GetAsync(url)).ProblemAsync(404);
    }

    [Fact]
    [Trait("Req", "D5")]
    public async Task Repeated_request_creates_once()
    {
        var client = await api.Acme;
        var key = Guid.NewGuid().ToString();
        var first = await (await client.PostAsync(Url, new { name = "Once" }, key)).JsonAsync(HttpStatusCode.Created);
        var again = await (await client.PostAsync(Url, new { name = "Once" }, key)).JsonAsync(HttpStatusCode.Created);

        Assert.Equal(first.Text("id"), again.Text("id"));
        await (await client.PostAsync(Url, new { name = "Other" }, key)).ProblemAsync(422);
    }

    [Fact]
    [Trait("Req", "B7")]
    public async Task Agent_may_read_but_not_change()
    {
        var agent = await api.AcmeAgent;
        await (await agent.GetAsync(Url)).JsonAsync();
        await (await agent.PostAsync(Url, new { name = "x" })).ProblemAsync(403);
    }

    private static async Task<string[]> NamesAsync(HttpClient client, string query)
    {
        var page = await (await client.GetAsync($"{Url}{query}")).JsonAsync();
        var names = page.GetProperty("data").EnumerateArray().Select(row => row.Text("name")).ToArray();
        Assert.Equal(names.Length, page.GetProperty("pagination").GetProperty("total").GetInt32());
        return names;
    }
}
