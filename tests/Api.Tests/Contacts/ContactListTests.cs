using System.Text.Json;
using Npgsql;
using Platform.Testing;

namespace Platform.Api.Tests.Contacts;

[Collection(ApiTests.Name)]
[Trait("Req", "D2")]
public sealed class ContactListTests(ApiFixture api)
{
    [Fact]
    public async Task List_by_page_and_by_cursor_gives_every_contact_once_newest_first()
    {
        var client = await api.AcmeAgent;
        var tag = await AddAsync(client, 7);

        var byPage = new List<string>();
        for (var page = 1; page <= 4; page++)
            byPage.AddRange(Names(await GetAsync(client, $"?search={tag}&limit=2&page={page}")));

        var byCursor = new List<string>();
        string? cursor = null;
        do
        {
            var page = await GetAsync(client, $"?search={tag}&limit=3{(cursor is null ? "" : $"&cursor={cursor}")}");
            byCursor.AddRange(Names(page));
            cursor = page.GetProperty("pagination").GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);

        var expected = Enumerable.Range(0, 7).Reverse().Select(i => $"{tag} {i}").ToList();
        Assert.Equal(expected, byPage);
        Assert.Equal(expected, byCursor);
    }

    [Fact]
    public async Task List_tells_total_and_links()
    {
        var client = await api.AcmeAgent;
        var tag = await AddAsync(client, 5);

        using var response = await client.GetAsync($"/api/contacts?search={tag}&limit=2&page=2");
        var pagination = (await response.JsonAsync()).GetProperty("pagination");

        Assert.Equal([2L, 2L, 5L], new[] { "page", "limit", "total" }.Select(name => pagination.GetProperty(name).GetInt64()));
        Assert.Equal(
            $"</api/contacts?search={tag}&limit=2&page=1>; rel=\"first\", </api/contacts?search={tag}&limit=2&page=1>; rel=\"prev\", " +
            $"</api/contacts?search={tag}&limit=2&page=3>; rel=\"next\", </api/contacts?search={tag}&limit=2&page=3>; rel=\"last\"",
            Assert.Single(response.Headers.GetValues("Link")));
    }

    [Theory]
    [Trait("Req", "D9")]
    [InlineData("limit=2", true)]
    [InlineData("limit=4&page=1", true)]
    [InlineData("limit=5", false)]
    [InlineData("limit=2&page=3", false)]
    [InlineData("limit=2&page=4", true)]
    public async Task List_is_counted_only_where_the_page_does_not_show_its_end(string query, bool counted)
    {
        var client = await api.AcmeAgent;
        var tag = await AddAsync(client, 5);
        using var sent = new SentSql(new NpgsqlConnectionStringBuilder(api.AppConnectionString).Database!);

        var page = await GetAsync(client, $"?search={tag}&{query}");

        Assert.Equal(5, page.GetProperty("pagination").GetProperty("total").GetInt64());
        Assert.Equal(counted, sent.Commands.Any(command => command.CommandText.Contains("count_contacts", StringComparison.Ordinal)));
        Assert.Contains(sent.Commands, command => command.CommandText.Contains("search_contacts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task List_of_nothing_has_total_0_without_counting()
    {
        using var sent = new SentSql(new NpgsqlConnectionStringBuilder(api.AppConnectionString).Database!);

        var page = await GetAsync(await api.AcmeAgent, $"?search={Guid.NewGuid():N}");

        Assert.Equal(0, page.GetProperty("pagination").GetProperty("total").GetInt64());
        Assert.DoesNotContain(sent.Commands, command => command.CommandText.Contains("count_contacts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task List_never_gives_more_than_50_rows()
    {
        var page = await GetAsync(await api.AcmeAgent, "?limit=1000000");

        Assert.Equal(50, page.GetProperty("pagination").GetProperty("limit").GetInt32());
        Assert.InRange(page.GetProperty("data").GetArrayLength(), 1, 50);
    }

    [Theory]
    [InlineData("?limit=0")]
    [InlineData("?limit=-1")]
    [InlineData("?limit=abc")]
    [InlineData("?page=0")]
    [InlineData("?page=99999999999")]
    [InlineData("?page=10001")]
    [InlineData("?page=1.5")]
    [InlineData("?page=1&cursor=abc")]
    [InlineData("?cursor=abc")]
    [InlineData("?cursor=v1.a.b")]
    [InlineData("?search=%00")]
    public async Task List_with_bad_parameters_is_400(string query)
    {
        var problem = await (await (await api.AcmeAgent).GetAsync($"/api/contacts{query}")).ProblemAsync(400);

        Assert.Contains("'", problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cursor_of_another_tenant_or_another_search_is_400()
    {
        var cursor = (await GetAsync(await api.AcmeAgent, "?limit=1")).GetProperty("pagination").Text("nextCursor");
        await GetAsync(await api.AcmeAgent, $"?limit=1&cursor={cursor}");

        await (await (await api.Globex).GetAsync($"/api/contacts?limit=1&cursor={cursor}")).ProblemAsync(400);
        await (await (await api.AcmeAgent).GetAsync($"/api/contacts?limit=1&search=x&cursor={cursor}")).ProblemAsync(400);
        await (await (await api.AcmeAgent).GetAsync($"/api/contacts?limit=1&cursor={cursor[..^2]}AA")).ProblemAsync(400);
    }

    [Theory]
    [InlineData("marisol")]
    [InlineData("VENN")]
    [InlineData("marisol.venn@example")]
    [InlineData("%2B447700900100")]
    public async Task Search_finds_name_address_and_number(string text) =>
        Assert.Contains("Marisol Venn", Names(await GetAsync(await api.AcmeAgent, $"?search={text}&limit=50")));

    [Theory]
    [InlineData("%25")]
    [InlineData("_____")]
    [InlineData("%5C")]
    [InlineData("'%20OR%20'1'='1")]
    public async Task Search_takes_patterns_and_sql_as_text(string text) =>
        Assert.Empty(Names(await GetAsync(await api.AcmeAgent, $"?search={text}")));

    private static async Task<JsonElement> GetAsync(HttpClient client, string query) =>
        await (await client.GetAsync($"/api/contacts{query}")).JsonAsync();

    private static string[] Names(JsonElement page) => [.. page.GetProperty("data").EnumerateArray().Select(row => row.Text("name"))];

    /// <returns>A word that only these contacts have.</returns>
    private static async Task<string> AddAsync(HttpClient client, int count)
    {
        var tag = $"tag{Guid.NewGuid():N}";
        for (var i = 0; i < count; i++)
            await client.CreateAsync("/api/contacts", new { name = $"{tag} {i}", email = ContactTests.NewEmail() });
        return tag;
    }
}
