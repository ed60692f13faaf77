using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Data.Seed;

namespace Platform.Api.Tests.Appointments;

[Collection(ApiTests.Name)]
[Trait("Req", "D2")]
public sealed class AppointmentListTests(ApiFixture api)
{
    [Fact]
    public async Task List_by_page_and_by_cursor_gives_every_event_once_latest_first()
    {
        var client = await api.Acme;
        var professional = await Bookings.ProfessionalAsync(api);
        var first = Bookings.NextSlot();
        for (var i = 0; i < 7; i++)
            await client.CreateAsync("/api/events", Bookings.Body(professional, i == 0 ? first : null, title: $"Row {i}"));
        var range = $"from={first:yyyy-MM-ddTHH:mm:ssZ}&to={Bookings.NextSlot():yyyy-MM-ddTHH:mm:ssZ}";
        var expected = Enumerable.Range(0, 7).Reverse().Select(i => $"Row {i}").ToArray();

        foreach (var filter in new[] { range, $"{range}&search=row", $"{range}&professional={professional}&status=scheduled" })
        {
            var byPage = new List<string>();
            for (var page = 1; page <= 4; page++)
            {
                var answer = await GetAsync(client, $"?{filter}&limit=2&page={page}");
                Assert.Equal(7, answer.GetProperty("pagination").GetProperty("total").GetInt32());
                byPage.AddRange(Titles(answer));
            }
            var byCursor = new List<string>();
            string? cursor = null;
            do
            {
                var answer = await GetAsync(client, $"?{filter}&limit=3{(cursor is null ? "" : $"&cursor={cursor}")}");
                byCursor.AddRange(Titles(answer));
                cursor = answer.GetProperty("pagination").GetProperty("nextCursor").GetString();
            }
            while (cursor is not null);
            Assert.Equal(expected, byPage);
            Assert.Equal(expected, byCursor);
        }
        var later = range.Replace($"{first:HH:mm:ss}", $"{first:HH}:30:00", StringComparison.Ordinal);
        Assert.Equal(expected[..6], Titles(await GetAsync(client, $"?{later}")));
    }

    [Fact]
    public async Task Filters_hold_together()
    {
        var client = await api.Acme;
        var (professional, contact) = (await Bookings.ProfessionalAsync(api), await Bookings.ContactAsync(api));
        var word = $"w{Guid.NewGuid():N}";
        await client.CreateAsync("/api/events", Bookings.Body(professional, title: $"{word} one", contactId: contact));
        await client.CreateAsync("/api/events", Bookings.Body(professional, title: $"{word} two", status: "confirmed"));

        Assert.Equal([$"{word} two", $"{word} one"], Titles(await GetAsync(client, $"?search={word.ToUpperInvariant()}")));
        Assert.Equal([$"{word} one"], Titles(await GetAsync(client, $"?search={word}&contact={contact}")));
        Assert.Equal([$"{word} two"], Titles(await GetAsync(client, $"?search={word}&status=confirmed&professional={professional}")));
        Assert.Empty(Titles(await GetAsync(client, $"?search={word}&professional={Guid.NewGuid()}")));
        Assert.Empty(Titles(await GetAsync(client, $"?search={word}%25")));
        Assert.Contains($"{word} one", Titles(await GetAsync(client, $"?contact={contact}&limit=50")));
    }

    [Theory]
    [InlineData("?status=maybe")]
    [InlineData("?professional=1")]
    [InlineData("?from=yesterday")]
    [InlineData("?limit=0")]
    [InlineData("?cursor=abc")]
    [InlineData("?search=%00")]
    public async Task List_with_bad_parameters_is_400(string query) =>
        await (await (await api.Acme).GetAsync($"/api/events{query}")).ProblemAsync(400);

    [Fact]
    public async Task Cursor_of_another_tenant_or_filter_is_400()
    {
        var cursor = (await GetAsync(await api.Acme, "?limit=1")).GetProperty("pagination").Text("nextCursor");

        await GetAsync(await api.Acme, $"?limit=1&cursor={cursor}");
        await (await (await api.Acme).GetAsync($"/api/events?limit=1&status=scheduled&cursor={cursor}")).ProblemAsync(400);
        await (await (await api.Globex).GetAsync($"/api/events?limit=1&cursor={cursor}")).ProblemAsync(400);
    }

    [Fact]
    [Trait("Req", "C2")]
    public async Task Every_change_shows_in_what_was_cached()
    {
        var client = await api.Acme;
        var (professional, contact) = (await Bookings.ProfessionalAsync(api), await Bookings.ContactAsync(api));
        var other = await api.ScalarAsync<Guid>(
            "SELECT id FROM professionals WHERE tenant_id = $1 AND active ORDER BY created_at DESC LIMIT 1", DemoAccounts.Acme);
        var everybody = "/api/events?limit=50";
        string[] lists = [everybody, $"{everybody}&professional={professional}", $"{everybody}&contact={contact}"];
        // Of each list, whether it has the title: + or -.
        async Task<string> HaveAsync(string title)
        {
            var found = "";
            foreach (var url in lists)
            {
                await (await client.GetAsync(url)).JsonAsync();
                using var hit = await client.GetAsync(url);
                Assert.Equal("true", hit.Headers.GetValues("X-Cache-Hit").Single());
                found += Titles(await hit.JsonAsync()).Contains(title) ? "+" : "-";
            }
            return found;
        }

        await HaveAsync("");
        var word = $"w{Guid.NewGuid():N}";
        var start = Bookings.NextSlot().AddYears(20);
        var id = (await client.CreateAsync("/api/events", Bookings.Body(professional, start, title: word, contactId: contact))).Text("id");
        Assert.Equal("+++", await HaveAsync(word));
        using (var moved = await client.PutAsJsonAsync($"/api/events/{id}", Bookings.Body(other, start, title: $"{word}2")))
            await moved.JsonAsync();
        Assert.Equal("---", await HaveAsync(word));
        Assert.Equal("+--", await HaveAsync($"{word}2"));
        using (var deleted = await client.DeleteAsync($"/api/events/{id}"))
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal("---", await HaveAsync($"{word}2"));
    }

    private static async Task<JsonElement> GetAsync(HttpClient client, string query) =>
        await (await client.GetAsync($"/api/events{query}")).JsonAsync();

    private static string[] Titles(JsonElement page) => [.. page.GetProperty("data").EnumerateArray().Select(row => row.Text("title"))];
}
