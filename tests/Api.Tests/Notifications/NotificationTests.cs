using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.Api.Tests.Conversations;
using Platform.Caching;
using Platform.Data.Notifications;
using Platform.Data.Seed;
using Platform.Tenancy;

namespace Platform.Api.Tests.Notifications;

[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class NotificationTests(ApiFixture api)
{
    [Fact]
    [Trait("Req", "C2")]
    public async Task New_one_shows_at_once_although_lists_are_cached()
    {
        var agent = await api.AcmeAgent;
        var unread = await UnreadAsync(agent);
        await (await agent.GetAsync("/api/notifications")).JsonAsync();
        using (var cached = await agent.GetAsync("/api/notifications"))
            Assert.Equal("true", cached.Headers.GetValues("X-Cache-Hit").Single());

        var id = await NotifyAgentAsync();

        var list = await (await agent.GetAsync("/api/notifications")).JsonAsync();
        Assert.Equal(id, list.GetProperty("data")[0].Text("id"));
        Assert.Equal(unread + 1, await UnreadAsync(agent));
    }

    [Fact]
    [Trait("Req", "C2")]
    public async Task What_concerns_all_users_drops_everybodys_lists()
    {
        var agent = await api.AcmeAgent;
        string[] urls = ["/api/notifications", "/api/notifications/unread"];
        foreach (var url in urls)
            (await agent.GetAsync(url)).Dispose();

        await api.Services.GetRequiredService<TenantCache>().InvalidateAsync(CacheTag.For(new TenantId(DemoAccounts.Acme), Notification.CacheSubject));

        foreach (var url in urls)
        {
            using var answer = await agent.GetAsync(url);
            Assert.Equal("false", answer.Headers.GetValues("X-Cache-Hit").Single());
        }
    }

    [Fact]
    public async Task Reading_one_then_all_counts_down()
    {
        var agent = await api.AcmeAgent;
        var (first, second) = (await NotifyAgentAsync(), await NotifyAgentAsync());
        var unread = await UnreadAsync(agent);

        var read = await (await agent.PostAsync($"/api/notifications/{first}/read", null)).JsonAsync();
        var again = await (await agent.PostAsync($"/api/notifications/{first}/read", null)).JsonAsync();

        Assert.True(read.GetProperty("read").GetBoolean());
        Assert.Equal(read.ToString(), again.ToString());
        Assert.Equal(unread - 1, await UnreadAsync(agent));
        var only = await (await agent.GetAsync("/api/notifications?unread=true&limit=50")).JsonAsync();
        Assert.Contains(only.GetProperty("data").EnumerateArray(), row => row.Text("id") == second);
        Assert.DoesNotContain(only.GetProperty("data").EnumerateArray(), row => row.Text("id") == first);

        var all = await (await agent.PostAsync("/api/notifications/read", null)).JsonAsync();

        Assert.Equal((unread - 1, 0L), (all.GetProperty("marked").GetInt64(), await UnreadAsync(agent)));
        Assert.Equal(0, (await (await agent.GetAsync("/api/notifications?unread=true")).JsonAsync()).GetProperty("data").GetArrayLength());
    }

    [Fact]
    [Trait("Req", "B2")]
    public async Task Nobody_reads_or_marks_anothers()
    {
        var id = await NotifyAgentAsync();

        foreach (var other in new[] { await api.Acme, await api.Globex })
        {
            await (await other.PostAsync($"/api/notifications/{id}/read", null)).ProblemAsync(404);
            var list = await (await other.GetAsync("/api/notifications?limit=50")).JsonAsync();
            Assert.DoesNotContain(list.GetProperty("data").EnumerateArray(), row => row.Text("id") == id);
        }
        Assert.False(await api.ScalarAsync<bool>("SELECT read FROM notifications WHERE id = $1", Guid.Parse(id)));
        await (await (await api.Operator).GetAsync("/api/notifications")).ProblemAsync(403);
    }

    [Fact]
    [Trait("Req", "D2")]
    public async Task List_goes_on_by_cursor()
    {
        var agent = await api.AcmeAgent;
        for (var i = 0; i < 3; i++)
            await NotifyAgentAsync();

        var first = await (await agent.GetAsync("/api/notifications?limit=2")).JsonAsync();
        var cursor = first.GetProperty("pagination").Text("nextCursor");
        var second = await (await agent.GetAsync($"/api/notifications?limit=2&cursor={cursor}")).JsonAsync();

        var ids = Ids(first).Concat(Ids(second)).ToList();
        Assert.Equal(ids, Ids(await (await agent.GetAsync("/api/notifications?limit=4")).JsonAsync()));
        await (await (await api.Acme).GetAsync($"/api/notifications?cursor={cursor}")).ProblemAsync(400);
    }

    private static IEnumerable<string> Ids(JsonElement page) => page.GetProperty("data").EnumerateArray().Select(row => row.Text("id"));

    private static async Task<long> UnreadAsync(HttpClient client) =>
        (await (await client.GetAsync("/api/notifications/unread")).JsonAsync()).GetProperty("unread").GetInt64();

    /// <summary>Assigns a new conversation to the agent and gives the notification's id.</summary>
    private async Task<string> NotifyAgentAsync()
    {
        var (admin, agent) = (await api.Acme, await api.AcmeAgent);
        var me = await ConversationTests.MeAsync(agent);
        await admin.CreateAsync(
            "/api/conversations", new { contactId = await ConversationTests.ContactAsync(admin), channel = "web", assignedAgentId = me });
        return (await api.ScalarAsync<Guid>(
            "SELECT id FROM notifications WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1", me)).ToString();
    }
}
