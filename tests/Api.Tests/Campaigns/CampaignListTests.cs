using System.Text.Json;
using Platform.Api.Tests.Contacts;
using Platform.Data.Seed;

namespace Platform.Api.Tests.Campaigns;

[Collection(ApiTests.Name)]
[Trait("Req", "D2")]
public sealed class CampaignListTests(ApiFixture api)
{
    [Fact]
    public async Task List_pages_filters_and_searches()
    {
        var client = await api.Acme;
        var word = $"w{Guid.NewGuid():N}";
        for (var i = 0; i < 5; i++)
        {
            await client.CreateAsync("/api/campaigns", new
            {
                name = $"{word} {i}", channel = "sms", body = "Hello", audience = new { search = "x" },
            });
        }
        var expected = Enumerable.Range(0, 5).Reverse().Select(i => $"{word} {i}").ToList();

        var byCursor = new List<string>();
        string? cursor = null;
        do
        {
            var page = await GetAsync($"/api/campaigns?search={word}&status=draft&limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            byCursor.AddRange(page.GetProperty("data").EnumerateArray().Select(row => row.Text("name")));
            cursor = page.GetProperty("pagination").GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);

        Assert.Equal(expected, byCursor);
        var second = await GetAsync($"/api/campaigns?search={word}&limit=2&page=2");
        Assert.Equal(5, second.GetProperty("pagination").GetProperty("total").GetInt32());
        Assert.Equal(expected[2..4], second.GetProperty("data").EnumerateArray().Select(row => row.Text("name")));
        Assert.Empty((await GetAsync($"/api/campaigns?search={word}&status=sent")).GetProperty("data").EnumerateArray());
        await (await client.GetAsync("/api/campaigns?status=maybe")).ProblemAsync(400);
        await (await client.GetAsync("/api/campaigns?search=%00")).ProblemAsync(400);
    }

    [Fact]
    public async Task Recipients_are_listed_once_by_state_and_never_another_tenants()
    {
        var client = await api.Acme;
        var campaign = await client.CreateAsync(
            "/api/campaigns", new { name = "Sent", channel = "web", body = "Hello", audience = new { all = true } });
        var sent = campaign.GetProperty("id").GetGuid();
        for (var i = 0; i < 5; i++)
            await client.CreateAsync("/api/contacts", new { name = $"Recipient {i}", email = ContactTests.NewEmail() });
        await api.ScalarAsync<long>(
            """
            WITH added AS (
                INSERT INTO campaign_recipients (tenant_id, campaign_id, contact_id, address, state)
                SELECT $1, $2, id, email, CASE row_number() OVER (ORDER BY id) % 2 WHEN 0 THEN 'read' ELSE 'failed' END
                FROM contacts WHERE tenant_id = $1 AND email IS NOT NULL ORDER BY id DESC LIMIT 5 RETURNING 1)
            SELECT count(*) FROM added
            """,
            DemoAccounts.Acme, sent);
        foreach (var filter in new[] { "", "&state=read", "&state=failed" })
        {
            var ids = new List<Guid>();
            string? cursor = null;
            long? total = null;
            do
            {
                var next = cursor is null ? "" : $"&cursor={cursor}";
                var page = await GetAsync($"/api/campaigns/{sent}/recipients?limit=2{filter}{next}");
                ids.AddRange(page.GetProperty("data").EnumerateArray().Select(row => row.GetProperty("contactId").GetGuid()));
                total ??= page.GetProperty("pagination").GetProperty("total").GetInt64();
                cursor = page.GetProperty("pagination").GetProperty("nextCursor").GetString();
            }
            while (cursor is not null);
            Assert.Equal(total, ids.Count);
            Assert.Equal(ids.Distinct(), ids);
            Assert.NotEmpty(ids);
        }
        await (await (await api.Globex).GetAsync($"/api/campaigns/{sent}/recipients")).ProblemAsync(404);
        await (await (await api.Acme).GetAsync($"/api/campaigns/{sent}/recipients?state=maybe")).ProblemAsync(400);
    }

    private async Task<JsonElement> GetAsync(string url) => await (await (await api.Acme).GetAsync(url)).JsonAsync();
}
