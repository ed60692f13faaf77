using System.Net;
using System.Text.Json;
using Platform.Api.Tests.Contacts;
using Platform.Data.Seed;

namespace Platform.Api.Tests.Campaigns;

[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class CampaignTests(ApiFixture api)
{
    private const string Url = "/api/campaigns";

    [Fact]
    public async Task Create_then_get_gives_the_draft_with_its_counters()
    {
        var client = await api.Acme;
        using var response = await client.PostAsync(Url, Body(" Spring "));
        var created = await response.JsonAsync(HttpStatusCode.Created);

        Assert.Equal(("Spring", "draft", "Hello\nyou"), (created.Text("name"), created.Text("status"), created.Text("body")));
        Assert.True(created.GetProperty("audience").GetProperty("all").GetBoolean());
        Assert.Equal(0, created.GetProperty("counters").GetProperty("recipients").GetInt32());
        using var got = await client.GetAsync(response.Headers.Location);
        Assert.Equal(created.ToString(), (await got.JsonAsync()).ToString());
        using var known = new HttpRequestMessage(HttpMethod.Get, response.Headers.Location);
        known.Headers.IfNoneMatch.Add(got.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await client.SendAsync(known)).StatusCode);
    }

    [Fact]
    public async Task Create_with_invalid_fields_names_them()
    {
        (object Body, string[] Fields)[] cases =
        [
            (new { }, ["name", "channel", "body", "audience"]),
            (Body(channel: "pigeon"), ["channel"]),
            (Body(subject: ""), ["subject"]),
            (Body(audience: new { }), ["audience"]),
            (Body(audience: new { all = true, search = "x" }), ["audience"]),
            (Body(audience: new { contactIds = Array.Empty<Guid>() }), ["audience"]),
            (Body(audience: new { contactIds = Enumerable.Range(0, 1001).Select(_ => Guid.NewGuid()) }), ["audience"]),
            (Body(name: new string('x', 201)), ["name"]),
        ];
        foreach (var (body, fields) in cases)
            Assert.Equal(fields, (await (await (await api.Acme).PostAsync(Url, body)).ProblemAsync(422)).Fields());
    }

    [Fact]
    public async Task Every_step_is_allowed_from_its_states_only()
    {
        var client = await api.Acme;
        // Per state, the steps that go on from there; all others are a 409 that changes nothing.
        var allowed = new Dictionary<string, string[]>
        {
            ["draft"] = ["schedule", "update", "delete"], ["scheduled"] = ["pause", "cancel"], ["sending"] = ["pause", "cancel"],
            ["paused"] = ["resume", "cancel"], ["sent"] = [], ["cancelled"] = [],
        };
        foreach (var (state, steps) in allowed)
        {
            foreach (var step in new[] { "schedule", "pause", "resume", "cancel", "update", "delete" })
            {
                var id = (await client.CreateAsync(Url, Body())).GetProperty("id").GetGuid();
                await api.ScalarAsync<int>(
                    "UPDATE campaigns SET status = $2, scheduled_at = now() WHERE id = $1 RETURNING 1", id, state);
                using var answer = await TakeAsync(client, id, step);
                var success = step == "delete" ? HttpStatusCode.NoContent : HttpStatusCode.OK;
                var wanted = steps.Contains(step) ? success : HttpStatusCode.Conflict;
                Assert.True(answer.StatusCode == wanted, $"{step} from {state}: {answer.StatusCode}");
                if (wanted == HttpStatusCode.Conflict)
                {
                    await answer.ProblemAsync(409);
                    Assert.Equal(state, (await (await client.GetAsync($"{Url}/{id}")).JsonAsync()).Text("status"));
                }
            }
        }
    }

    [Fact]
    public async Task Schedule_pause_resume_and_cancel_move_the_campaign_and_its_version()
    {
        var client = await api.Acme;
        var url = $"{Url}/{(await client.CreateAsync(Url, Body())).Text("id")}";
        var begin = DateTimeOffset.UtcNow.AddDays(2);

        using var tooLate = await client.PostAsync($"{url}/schedule", new { scheduledAt = begin.AddDays(-3) });
        Assert.Equal(["scheduledAt"], (await tooLate.ProblemAsync(422)).Fields());
        using var inTime = await client.ChangeAsync(HttpMethod.Post, $"{url}/schedule", new { scheduledAt = begin }, "\"1\"");
        var scheduled = await inTime.JsonAsync();
        Assert.Equal("scheduled", scheduled.Text("status"));
        Assert.Equal(begin, scheduled.GetProperty("scheduledAt").GetDateTimeOffset(), TimeSpan.FromMilliseconds(1));
        await (await client.ChangeAsync(HttpMethod.Post, $"{url}/pause", ifMatch: "\"1\"")).ProblemAsync(412);
        using var paused = await client.ChangeAsync(HttpMethod.Post, $"{url}/pause", ifMatch: "\"2\"");
        Assert.Equal("paused", (await paused.JsonAsync()).Text("status"));
        Assert.Equal("scheduled", (await (await client.ChangeAsync(HttpMethod.Post, $"{url}/resume")).JsonAsync()).Text("status"));
        var cancelled = await (await client.ChangeAsync(HttpMethod.Post, $"{url}/cancel")).JsonAsync();
        Assert.Equal(("cancelled", 5L), (cancelled.Text("status"), cancelled.GetProperty("version").GetInt64()));
        Assert.NotEqual(JsonValueKind.Null, cancelled.GetProperty("finishedAt").ValueKind);
    }

    [Fact]
    [Trait("Req", "F1")]
    public async Task Schedule_and_resume_enqueue_a_job_and_pause_cancels_it()
    {
        var client = await api.Acme;
        var id = (await client.CreateAsync(Url, Body())).GetProperty("id").GetGuid();

        await (await client.PostAsync($"{Url}/{id}/schedule", new { scheduledAt = DateTimeOffset.UtcNow.AddHours(1) })).JsonAsync();
        var first = await JobAsync(id);
        Assert.Equal($"campaigns.send|campaigns|campaign:{id:N}|t", await api.ScalarAsync<string>(
            """
            SELECT concat_ws('|', j.type, j.queue, j.lane, p.run_at > now() + interval '50 min' AND p.wait = 1)
            FROM jobs.job j JOIN jobs.pending p ON p.seq = j.seq WHERE j.id = $1
            """,
            first));
        await (await client.ChangeAsync(HttpMethod.Post, $"{Url}/{id}/pause")).JsonAsync();
        Assert.Equal(1L, await api.ScalarAsync<long>("SELECT count(*) FROM jobs.cancellations WHERE job_id = $1", first));

        await (await client.ChangeAsync(HttpMethod.Post, $"{Url}/{id}/resume")).JsonAsync();
        var second = await JobAsync(id);
        Assert.NotEqual(first, second);
        // One step that is refused leaves no job behind.
        await (await client.ChangeAsync(HttpMethod.Post, $"{Url}/{id}/resume")).ProblemAsync(409);
        Assert.Equal(2L, await api.ScalarAsync<long>("SELECT count(*) FROM jobs.job WHERE lane = $1", $"campaign:{id:N}"));
    }

    [Fact]
    public async Task Pause_by_many_at_once_succeeds_once()
    {
        var client = await api.Acme;
        var url = $"{Url}/{(await client.CreateAsync(Url, Body())).Text("id")}";
        await (await client.ChangeAsync(HttpMethod.Post, $"{url}/schedule")).JsonAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => client.ChangeAsync(HttpMethod.Post, $"{url}/pause")));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Plan_without_campaigns_is_402()
    {
        var globex = await api.Globex;

        Assert.Contains("plan", (await (await globex.PostAsync(Url, Body())).ProblemAsync(402)).Text("detail"), StringComparison.Ordinal);
        var draft = await api.ScalarAsync<Guid>(
            "SELECT id FROM campaigns WHERE tenant_id = $1 AND status = 'draft' LIMIT 1", DemoAccounts.Globex);
        await (await globex.ChangeAsync(HttpMethod.Post, $"{Url}/{draft}/schedule")).ProblemAsync(402);
        // What is there can be read all the same.
        await (await globex.GetAsync($"{Url}/{draft}")).JsonAsync();
    }

    [Fact]
    public async Task Audience_counts_the_contacts_the_channel_reaches()
    {
        var client = await api.Acme;
        var word = $"w{Guid.NewGuid():N}";
        var byMail = await client.CreateAsync("/api/contacts", new { name = $"{word} a", email = ContactTests.NewEmail() });
        var byPhone = await client.CreateAsync("/api/contacts", new { name = $"{word} b", phone = ContactTests.NewPhone() });
        var theirs = await Bookings.ContactAsync(api, DemoAccounts.Globex);
        var ids = new[] { byMail.GetProperty("id").GetGuid(), byPhone.GetProperty("id").GetGuid(), theirs };

        Assert.Equal(1, await CountAsync("email", new { search = word }));
        Assert.Equal(1, await CountAsync("sms", new { search = word }));
        Assert.Equal(2, await CountAsync("web", new { search = word }));
        Assert.Equal(1, await CountAsync("email", new { contactIds = ids }));
        Assert.Equal(2, await CountAsync("web", new { contactIds = ids }));
        Assert.Equal(0, await CountAsync("web", new { search = "%" }));
        Assert.Equal(
            await api.ScalarAsync<long>("SELECT count(*) FROM contacts WHERE tenant_id = $1 AND email IS NOT NULL", DemoAccounts.Acme),
            await CountAsync("email", new { all = true }));
        var campaign = await client.CreateAsync(Url, Body(audience: new { search = word }));
        var stored = await (await client.GetAsync($"{Url}/{campaign.Text("id")}/audience")).JsonAsync();
        Assert.Equal(1, stored.GetProperty("contacts").GetInt32());
        await (await client.PostAsync($"{Url}/audience", new { channel = "email" })).ProblemAsync(422);

        async Task<long> CountAsync(string channel, object audience)
        {
            var answer = await (await client.PostAsync($"{Url}/audience", new { channel, audience })).JsonAsync();
            Assert.False(answer.GetProperty("isMore").GetBoolean());
            return answer.GetProperty("contacts").GetInt64();
        }
    }

    private static Task<HttpResponseMessage> TakeAsync(HttpClient client, Guid id, string step) => step switch
    {
        "update" => client.ChangeAsync(HttpMethod.Put, $"{Url}/{id}", Body("Changed")),
        "delete" => client.ChangeAsync(HttpMethod.Delete, $"{Url}/{id}"),
        _ => client.ChangeAsync(HttpMethod.Post, $"{Url}/{id}/{step}"),
    };

    private Task<Guid> JobAsync(Guid campaign) => api.ScalarAsync<Guid>("SELECT job_id FROM campaigns WHERE id = $1", campaign);

    private static object Body(
        string name = "Campaign", string channel = "email", string subject = "News", object? audience = null) =>
        new { name, channel, subject, body = "Hello\nyou", audience = audience ?? new { all = true } };
}
