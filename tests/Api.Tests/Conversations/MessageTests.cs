using System.Net;
using System.Text.Json;

namespace Platform.Api.Tests.Conversations;

[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class MessageTests(ApiFixture api)
{
    [Fact]
    public async Task Message_is_queued_and_moves_its_conversation()
    {
        var client = await api.Acme;
        var before = await ConversationTests.CreateAsync(client);
        var url = $"/api/conversations/{before.Text("id")}";
        await api.ScalarAsync<int>(
            "UPDATE conversations SET unread_count = 3 WHERE id = $1 RETURNING unread_count", before.GetProperty("id").GetGuid());

        using var response = await client.PostAsync($"{url}/messages", new { body = $" First line\nsecond {new string('x', 300)} " });
        var message = await response.JsonAsync(HttpStatusCode.Created);

        Assert.Equal(("out", "queued", "web"), (message.Text("direction"), message.Text("status"), message.Text("channel")));
        Assert.Equal(await ConversationTests.MeAsync(client), message.GetProperty("authorId").GetGuid());
        Assert.StartsWith("First line\nsecond", message.Text("body"), StringComparison.Ordinal);
        var after = await (await client.GetAsync(url)).JsonAsync();
        Assert.Equal((200, 0, 2L), (
            after.Text("lastMessage").Length, after.GetProperty("unreadCount").GetInt32(), after.GetProperty("version").GetInt64()));
        Assert.Equal(message.GetProperty("createdAt").GetDateTimeOffset(), after.GetProperty("lastMessageAt").GetDateTimeOffset());
        Assert.Equal(message.ToString(), (await (await client.GetAsync(response.Headers.Location)).JsonAsync()).ToString());
        var newest = (await (await client.GetAsync("/api/conversations?limit=1")).JsonAsync()).GetProperty("data")[0];
        Assert.Equal(before.Text("id"), newest.Text("id"));
    }

    [Fact]
    public async Task Repeated_message_with_a_key_is_written_once()
    {
        var client = await api.Acme;
        var (first, second) = (await ConversationTests.CreateAsync(client), await ConversationTests.CreateAsync(client));
        var (url, key) = ($"/api/conversations/{first.Text("id")}/messages", Guid.NewGuid().ToString());

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => client.PostAsync(url, new { body = "Once" }, key)));

        Assert.All(answers, answer => Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.Created, HttpStatusCode.Conflict }));
        Assert.Equal(1L, await CountAsync(first));
        await (await client.PostAsync($"/api/conversations/{second.Text("id")}/messages", new { body = "Once" }, key)).ProblemAsync(422);
        Assert.Equal(0L, await CountAsync(second));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"body":"   "}""")]
    [InlineData("""{"body":"a\u0000b"}""")]
    public async Task Message_without_text_names_the_field(string body)
    {
        var client = await api.Acme;
        var id = (await ConversationTests.CreateAsync(client)).Text("id");
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        Assert.Equal(["body"], (await (await client.PostAsync($"/api/conversations/{id}/messages", content)).ProblemAsync(422)).Fields());
        await (await client.PostAsync($"/api/conversations/{id}/messages", new { body = new string('x', 8001) })).ProblemAsync(422);
    }

    [Fact]
    [Trait("Req", "D2")]
    public async Task Messages_are_listed_newest_first_by_cursor()
    {
        var client = await api.Acme;
        var id = (await ConversationTests.CreateAsync(client)).Text("id");
        for (var i = 1; i <= 5; i++)
            await client.CreateAsync($"/api/conversations/{id}/messages", new { body = $"Message {i}" });

        var (bodies, cursor) = (new List<string>(), (string?)null);
        do
        {
            var page = await (await client.GetAsync($"/api/conversations/{id}/messages?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}")).JsonAsync();
            bodies.AddRange(page.GetProperty("data").EnumerateArray().Select(row => row.Text("body")));
            var pagination = page.GetProperty("pagination");
            Assert.Equal(cursor is null ? JsonValueKind.Number : JsonValueKind.Null, pagination.GetProperty("total").ValueKind);
            cursor = pagination.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);

        Assert.Equal(["Message 5", "Message 4", "Message 3", "Message 2", "Message 1"], bodies);
        await (await client.GetAsync($"/api/conversations/{Guid.NewGuid()}/messages")).ProblemAsync(404);
    }

    [Fact]
    public async Task Reading_a_conversation_leaves_nothing_unread()
    {
        var client = await api.Acme;
        var conversation = await ConversationTests.CreateAsync(client);
        var id = conversation.GetProperty("id").GetGuid();
        await api.ScalarAsync<int>("UPDATE conversations SET unread_count = 2 WHERE id = $1 RETURNING unread_count", id);

        var read = await (await client.PostAsync($"/api/conversations/{id}/read", null)).JsonAsync();
        var again = await (await client.PostAsync($"/api/conversations/{id}/read", null)).JsonAsync();

        Assert.Equal((0, 2L), (read.GetProperty("unreadCount").GetInt32(), read.GetProperty("version").GetInt64()));
        Assert.Equal(read.ToString(), again.ToString());
        Assert.Equal(conversation.Text("updatedAt"), read.Text("updatedAt"));
    }

    private Task<long> CountAsync(JsonElement conversation) =>
        api.ScalarAsync<long>("SELECT count(*) FROM messages WHERE conversation_id = $1", conversation.GetProperty("id").GetGuid());
}
