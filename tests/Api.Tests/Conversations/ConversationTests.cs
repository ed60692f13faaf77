using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Api.Tests.Contacts;
using Platform.Data.Seed;

namespace Platform.Api.Tests.Conversations;

[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class ConversationTests(ApiFixture api)
{
    [Fact]
    public async Task Create_then_get_gives_the_conversation()
    {
        var client = await api.Acme;
        var contact = await ContactAsync(client, "Ada Byron");

        using var response = await client.PostAsync(
            "/api/conversations", new { contactId = contact, channel = "email", subject = "  Hello ", assignedAgentId = await AgentAsync() });
        var created = await response.JsonAsync(HttpStatusCode.Created);

        Assert.Equal(("Ada Byron", "email", "open", "Hello"), (
            created.Text("contactName"), created.Text("channel"), created.Text("status"), created.Text("subject")));
        Assert.Equal("\"1\"", response.Headers.ETag!.Tag);
        using var read = await client.GetAsync(response.Headers.Location);
        Assert.Equal(created.ToString(), (await read.JsonAsync()).ToString());
        Assert.Equal("\"1\"", read.Headers.ETag!.Tag);
        using var again = new HttpRequestMessage(HttpMethod.Get, response.Headers.Location) { Headers = { { "If-None-Match", "\"1\"" } } };
        using var unchanged = await client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Fact]
    public async Task Repeated_create_with_a_key_makes_one()
    {
        var client = await api.Acme;
        var (key, contact) = (Guid.NewGuid().ToString(), await ContactAsync(client));
        var body = new { contactId = contact, channel = "sms" };

        using var first = await client.PostAsync("/api/conversations", body, key);
        using var second = await client.PostAsync("/api/conversations", body, key);

        Assert.Equal(
            (await first.JsonAsync(HttpStatusCode.Created)).ToString(), (await second.JsonAsync(HttpStatusCode.Created)).ToString());
        Assert.Equal(1L, await api.ScalarAsync<long>("SELECT count(*) FROM conversations WHERE contact_id = $1", contact));
    }

    [Theory]
    [InlineData("""{"channel":"email"}""", "contactId")]
    [InlineData("""{"contactId":"01900000-0000-7000-8000-000000000000","channel":"email"}""", "contactId")]
    [InlineData("""{"contactId":"{own}","channel":"pigeon"}""", "channel")]
    [InlineData("""{"contactId":"{own}"}""", "channel")]
    [InlineData("""{"contactId":"{own}","channel":"web","subject":"a\u0000b"}""", "subject")]
    [InlineData("""{"contactId":"{own}","channel":"web","assignedAgentId":"01900000-0000-7000-8000-000000000000"}""", "assignedAgentId")]
    [InlineData("""{"contactId":"{own}","channel":"web","assignedTeamId":"01900000-0000-7000-8000-000000000000"}""", "assignedTeamId")]
    public async Task Create_with_an_invalid_field_names_it(string body, string field)
    {
        var client = await api.Acme;
        var own = (await ContactAsync(client)).ToString();
        using var content = new StringContent(
            body.Replace("{own}", own, StringComparison.Ordinal), System.Text.Encoding.UTF8, "application/json");

        Assert.Equal([field], (await (await client.PostAsync("/api/conversations", content)).ProblemAsync(422)).Fields());
    }

    [Fact]
    [Trait("Req", "B2")]
    public async Task What_another_tenant_has_can_neither_be_referred_to_nor_reached()
    {
        var (acme, globex) = (await api.Acme, await api.Globex);
        var theirs = await ContactAsync(globex);
        var agent = await api.ScalarAsync<Guid>("SELECT user_id FROM agents WHERE tenant_id = $1 LIMIT 1", DemoAccounts.Globex);
        var team = await api.ScalarAsync<Guid>("SELECT id FROM teams WHERE tenant_id = $1 LIMIT 1", DemoAccounts.Globex);
        var conversation = await CreateAsync(acme);
        var id = conversation.Text("id");

        await FieldAsync(acme.PostAsync("/api/conversations", new { contactId = theirs, channel = "web" }), "contactId");
        await FieldAsync(acme.PutAsJsonAsync($"/api/conversations/{id}", new { assignedAgentId = agent }), "assignedAgentId");
        await FieldAsync(acme.PutAsJsonAsync($"/api/conversations/{id}", new { assignedTeamId = team }), "assignedTeamId");

        await (await globex.GetAsync($"/api/conversations/{id}")).ProblemAsync(404);
        await (await globex.GetAsync($"/api/conversations/{id}/messages")).ProblemAsync(404);
        await (await globex.PostAsync($"/api/conversations/{id}/messages", new { body = "Hello" })).ProblemAsync(404);
        await (await globex.PostAsync($"/api/conversations/{id}/read", null)).ProblemAsync(404);
        await (await globex.PutAsJsonAsync($"/api/conversations/{id}", new { status = "closed" })).ProblemAsync(404);
        Assert.Equal(0, (await ListAsync(globex, $"?contact={conversation.Text("contactId")}")).Total);
        Assert.Equal(conversation.ToString(), (await (await acme.GetAsync($"/api/conversations/{id}")).JsonAsync()).ToString());

        static async Task FieldAsync(Task<HttpResponseMessage> call, string field) =>
            Assert.Equal([field], (await (await call).ProblemAsync(422)).Fields());
    }

    [Fact]
    public async Task Update_replaces_status_subject_and_assignment()
    {
        var client = await api.Acme;
        var id = (await CreateAsync(client)).Text("id");
        var agent = await AgentAsync();

        var updated = await (await PutAsync(client, id, new { status = "pending", subject = "New", assignedAgentId = agent }, "\"1\"")).JsonAsync();

        Assert.Equal(("pending", "New", agent, 2L), (
            updated.Text("status"), updated.Text("subject"), updated.GetProperty("assignedAgentId").GetGuid(), updated.GetProperty("version").GetInt64()));
        await (await PutAsync(client, id, new { status = "closed" }, "\"1\"")).ProblemAsync(412);
        Assert.Equal(["status"], (await (await PutAsync(client, id, new { status = "asleep" }, null)).ProblemAsync(422)).Fields());
        var emptied = await (await PutAsync(client, id, new { status = "resolved" }, "\"2\"")).JsonAsync();
        Assert.Equal(JsonValueKind.Null, emptied.GetProperty("assignedAgentId").ValueKind);
    }

    [Fact]
    public async Task Update_by_two_at_once_from_one_version_succeeds_once()
    {
        var client = await api.Acme;
        var id = (await CreateAsync(client)).Text("id");

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => PutAsync(client, id, new { subject = $"Writer {i}" }, "\"1\"")));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.PreconditionFailed));
    }

    [Fact]
    [Trait("Req", "D2")]
    public async Task List_filters_and_pages_by_number_and_cursor_alike()
    {
        var client = await api.Acme;
        var contact = await ContactAsync(client, $"Lister {Guid.NewGuid():N}");
        var agent = await AgentAsync();
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Insert(0, (await client.CreateAsync("/api/conversations", new
            {
                contactId = contact, channel = i % 2 == 0 ? "web" : "email", subject = $"Topic {i}", assignedAgentId = i < 2 ? agent : (Guid?)null,
            })).Text("id"));
        }

        Assert.Equal(ids, (await ListAsync(client, $"?contact={contact}")).Ids);
        Assert.Equal(ids[..2], (await ListAsync(client, $"?contact={contact}&limit=2")).Ids);
        Assert.Equal([ids[0], ids[2], ids[4]], (await ListAsync(client, $"?contact={contact}&channel=web")).Ids);
        Assert.Equal(ids[3..], (await ListAsync(client, $"?contact={contact}&agent={agent}")).Ids);
        Assert.Equal(ids[..3], (await ListAsync(client, $"?contact={contact}&unassigned=true")).Ids);
        Assert.Equal(ids[..3], (await ListAsync(client, $"?contact={contact}&unassigned=true&search=TOPIC")).Ids);
        Assert.Equal([ids[1]], (await ListAsync(client, $"?contact={contact}&search=topic%203&status=open")).Ids);
        Assert.Equal((5, 0), ((await ListAsync(client, $"?contact={contact}&search=Lister")).Total, (await ListAsync(client, $"?contact={contact}&status=closed")).Total));

        var byCursor = new List<string>();
        string? cursor = null;
        do
        {
            var page = await ListAsync(client, cursor is null ? $"?contact={contact}&limit=2" : $"?contact={contact}&limit=2&cursor={cursor}");
            byCursor.AddRange(page.Ids);
            cursor = page.Cursor;
        }
        while (cursor is not null);
        Assert.Equal(ids, byCursor);
        var other = (await ListAsync(client, "?limit=1")).Cursor;
        await (await client.GetAsync($"/api/conversations?contact={contact}&cursor={other}")).ProblemAsync(400);
        await (await client.GetAsync("/api/conversations?status=asleep")).ProblemAsync(400);
        await (await client.GetAsync($"/api/conversations?unassigned=true&agent={agent}")).ProblemAsync(400);
    }

    [Fact]
    [Trait("Req", "C2")]
    public async Task Counts_are_cached_and_follow_every_change()
    {
        var client = await api.Acme;
        var before = await CountsAsync(client);
        using (var cached = await client.GetAsync("/api/conversations/status"))
            Assert.Equal("true", cached.Headers.GetValues("X-Cache-Hit").Single());
        var others = await CountsAsync(await api.Globex);

        var id = (await CreateAsync(client)).Text("id");
        var created = await CountsAsync(client);
        await (await PutAsync(client, id, new { status = "pending", assignedAgentId = await MeAsync(client) }, null)).JsonAsync();
        var assigned = await CountsAsync(client);

        Assert.Equal(before with { Open = before.Open + 1, Unassigned = before.Unassigned + 1 }, created);
        Assert.Equal(before with { Pending = before.Pending + 1, Mine = before.Mine + 1 }, assigned);
        Assert.Equal(assigned with { Mine = (await CountsAsync(await api.AcmeAgent)).Mine }, await CountsAsync(await api.AcmeAgent));
        Assert.Equal(others, await CountsAsync(await api.Globex));
        Assert.Equal(
            await api.ScalarAsync<long>("SELECT count(*) FROM conversations WHERE tenant_id = $1 AND status = 'open'", DemoAccounts.Acme), before.Open);
    }

    [Fact]
    public async Task Agent_hears_of_a_conversation_somebody_else_gave_to_them()
    {
        var (admin, agent) = (await api.Acme, await api.AcmeAgent);
        var subject = $"Yours {Guid.NewGuid():N}";
        var me = await MeAsync(agent);
        await (await agent.GetAsync("/api/notifications")).JsonAsync();

        var id = (await CreateAsync(admin, subject)).Text("id");
        await (await PutAsync(admin, id, new { subject, assignedAgentId = me }, null)).JsonAsync();
        await (await PutAsync(admin, id, new { subject, assignedAgentId = me, status = "pending" }, null)).JsonAsync();
        await (await PutAsync(agent, id, new { subject }, null)).JsonAsync();
        await (await PutAsync(agent, id, new { subject, assignedAgentId = me }, null)).JsonAsync();

        var told = (await (await agent.GetAsync("/api/notifications")).JsonAsync()).GetProperty("data").EnumerateArray()
            .Where(row => row.Text("body").EndsWith(subject, StringComparison.Ordinal)).ToList();
        Assert.Equal(("conversation.assigned", $"/inbox?conversation={id}"), (Assert.Single(told).Text("kind"), told[0].Text("link")));
    }

    internal static async Task<Guid> ContactAsync(HttpClient client, string name = "Tester") =>
        (await client.CreateAsync("/api/contacts", new { name, email = ContactTests.NewEmail() })).GetProperty("id").GetGuid();

    internal static async Task<JsonElement> CreateAsync(HttpClient client, string subject = "Test") =>
        await client.CreateAsync("/api/conversations", new { contactId = await ContactAsync(client), channel = "web", subject });

    internal static async Task<Guid> MeAsync(HttpClient client) =>
        (await (await client.GetAsync("/api/auth/me")).JsonAsync()).GetProperty("userId").GetGuid();

    private static Task<HttpResponseMessage> PutAsync(HttpClient client, string id, object body, string? etag)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, $"/api/conversations/{id}") { Content = JsonContent.Create(body) };
        if (etag is not null)
            request.Headers.TryAddWithoutValidation("If-Match", etag);
        return client.SendAsync(request);
    }

    private static async Task<(IReadOnlyList<string> Ids, int? Total, string? Cursor)> ListAsync(HttpClient client, string query)
    {
        var page = await (await client.GetAsync($"/api/conversations{query}")).JsonAsync();
        var pagination = page.GetProperty("pagination");
        return (
            [.. page.GetProperty("data").EnumerateArray().Select(row => row.Text("id"))],
            pagination.GetProperty("total") is { ValueKind: JsonValueKind.Number } total ? total.GetInt32() : null,
            pagination.GetProperty("nextCursor").GetString());
    }

    private static async Task<Counts> CountsAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<Counts>("/api/conversations/status"))!;

    private Task<Guid> AgentAsync() =>
        api.ScalarAsync<Guid>("SELECT user_id FROM agents WHERE tenant_id = $1 ORDER BY user_id LIMIT 1", DemoAccounts.Acme);

    private sealed record Counts(long Open, long Pending, long Resolved, long Closed, long Unassigned, long Mine);
}
