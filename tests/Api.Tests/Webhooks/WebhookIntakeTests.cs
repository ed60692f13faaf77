using System.Net;
using System.Text;
using Platform.Data.Seed;
using static Platform.Api.Tests.Webhooks.WebhookCaller;

namespace Platform.Api.Tests.Webhooks;

[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class WebhookIntakeTests(ApiFixture api)
{
    [Fact]
    [Trait("Req", "F1")]
    public async Task Signed_call_is_stored_with_its_job_in_the_senders_lane()
    {
        var source = await CreateAsync(await api.Acme, "meta");

        await TakenAsync(source.CallMetaAsync(api.Anonymous, WhatsApp("4915112345678")));
        await TakenAsync(source.CallMetaAsync(api.Anonymous, WhatsApp("4915112345678")));
        await TakenAsync(source.CallMetaAsync(api.Anonymous, WhatsApp("4915199999999")));

        Assert.Equal("3|2|t|t", await api.ScalarAsync<string>(
            """
            SELECT concat_ws('|', count(*), count(DISTINCT j.lane), bool_and(j.queue = 'webhooks' AND j.max_attempts = 3),
                bool_and(e.tenant_id = $2 AND j.tenant_id = $2 AND e.status = 'received' AND j.lane NOT LIKE '%49151%'))
            FROM webhook_events e JOIN jobs.job j ON j.type = 'webhooks.process' AND j.payload ->> 'eventId' = e.id::text
            WHERE e.source_id = $1
            """,
            Guid.Parse(source.Id), DemoAccounts.Acme));
    }

    [Fact]
    public async Task Call_that_comes_again_is_answered_alike_and_does_nothing()
    {
        var admin = await api.Acme;
        var (generic, meta) = (await CreateAsync(admin), await CreateAsync(admin, "meta"));
        var body = WhatsApp("4915112345678");

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TakenAsync(generic.CallAsync(api.Anonymous, "{}", "msg_once"))));
        Assert.Equal(await TakenAsync(meta.CallMetaAsync(api.Anonymous, body)), await TakenAsync(meta.CallMetaAsync(api.Anonymous, body)));

        Assert.Single(answers.Distinct());
        Assert.Equal((1L, 1L), (await EventsAsync(generic), await EventsAsync(meta)));
        Assert.Equal(2L, await api.ScalarAsync<long>(
            "SELECT count(*) FROM jobs.job WHERE payload ->> 'eventId' IN (SELECT id::text FROM webhook_events WHERE source_id IN ($1, $2))",
            Guid.Parse(generic.Id), Guid.Parse(meta.Id)));
        // Another system's id is its own.
        await TakenAsync((await CreateAsync(admin)).CallAsync(api.Anonymous, "{}", "msg_once"));
    }

    [Fact]
    public async Task Whoever_is_not_the_source_hears_the_same_as_for_an_address_that_never_was()
    {
        var source = await CreateAsync(await api.Acme);
        var other = await CreateAsync(await api.Globex);
        var unknown = source with { Path = $"/api/webhooks/generic/{new string('a', 26)}" };

        var wrong = await DetailAsync(source.CallAsync(api.Anonymous, secret: other.Secret));
        Assert.Equal(wrong, await DetailAsync(unknown.CallAsync(api.Anonymous)));
        Assert.Equal(wrong, await DetailAsync(source.CallAsync(api.Anonymous, signature: "v1,AAAA v2,x")));
        Assert.Equal(wrong, await DetailAsync((source with { Path = source.Path.Replace("generic", "meta", StringComparison.Ordinal) })
            .CallMetaAsync(api.Anonymous, "{}")));
        Assert.Equal(wrong, await DetailAsync((source with { Path = source.Path.Replace("generic", "shop", StringComparison.Ordinal) })
            .CallAsync(api.Anonymous)));
        Assert.Equal(0L, await EventsAsync(source));

        static async Task<string> DetailAsync(Task<HttpResponseMessage> call) => (await (await call).ProblemAsync(404)).Text("detail");
    }

    [Fact]
    public async Task Changed_body_or_unsigned_call_is_refused()
    {
        var source = await CreateAsync(await api.Acme, "meta");
        using var signed = new HttpRequestMessage(HttpMethod.Post, source.Path) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };

        await (await source.CallMetaAsync(api.Anonymous, "{}", $"sha256={new string('0', 64)}")).ProblemAsync(404);
        await (await source.CallMetaAsync(api.Anonymous, "{}", "sha1=abc")).ProblemAsync(400);
        await (await api.Anonymous.SendAsync(signed)).ProblemAsync(400);
    }

    [Fact]
    public async Task Call_signed_too_long_ago_or_ahead_is_refused()
    {
        var source = await CreateAsync(await api.Acme);

        await (await source.CallAsync(api.Anonymous, at: DateTimeOffset.UtcNow.AddMinutes(-6))).ProblemAsync(400);
        await (await source.CallAsync(api.Anonymous, at: DateTimeOffset.UtcNow.AddMinutes(6))).ProblemAsync(400);
        await TakenAsync(source.CallAsync(api.Anonymous, at: DateTimeOffset.UtcNow.AddMinutes(-4)));

        Assert.Equal(1L, await EventsAsync(source));
    }

    [Fact]
    [Trait("Req", "D8")]
    public async Task Old_secret_is_good_until_it_is_ended()
    {
        var admin = await api.Acme;
        var source = await CreateAsync(admin);
        var url = $"/api/admin/webhook-sources/{source.Id}";

        var rotated = await (await admin.PostAsync($"{url}/rotate-secret", new { })).JsonAsync();
        await TakenAsync(source.CallAsync(api.Anonymous));
        await TakenAsync(source.CallAsync(api.Anonymous, secret: rotated.Text("secret")));
        Assert.True(rotated.GetProperty("hasPreviousSecret").GetBoolean());
        Assert.NotEqual(source.Secret, rotated.Text("secret"));
        Assert.False((await (await admin.DeleteAsync($"{url}/previous-secret")).JsonAsync()).GetProperty("hasPreviousSecret").GetBoolean());

        await (await source.CallAsync(api.Anonymous)).ProblemAsync(404);
        await TakenAsync(source.CallAsync(api.Anonymous, secret: rotated.Text("secret")));
    }

    [Fact]
    public async Task Large_or_otherwise_packed_body_is_refused()
    {
        var source = await CreateAsync(await api.Acme);

        await (await source.CallAsync(api.Anonymous, new string(' ', 256 * 1024 + 1))).ProblemAsync(413);
        await TakenAsync(source.CallAsync(api.Anonymous, new string(' ', 256 * 1024)));
        using var chunked = new HttpRequestMessage(HttpMethod.Post, source.Path)
        {
            Content = new StreamContent(new MemoryStream(new byte[300 * 1024])) { Headers = { ContentType = new("application/json") } },
            Headers =
            {
                { "webhook-id", "msg_1" }, { "webhook-timestamp", "1" }, { "webhook-signature", "v1,AAAA" },
                { "Transfer-Encoding", "chunked" }, { "Expect", "100-continue" },
            },
        };
        await (await api.Anonymous.SendAsync(chunked)).ProblemAsync(413);
        using var text = new StringContent("{}", Encoding.UTF8, "text/plain");
        await (await api.Anonymous.PostAsync(source.Path, text)).ProblemAsync(415);
    }

    [Fact]
    public async Task Meta_subscription_is_confirmed_to_who_knows_the_token()
    {
        var source = await CreateAsync(await api.Acme, "meta");
        var generic = await CreateAsync(await api.Acme);
        var good = $"?hub.mode=subscribe&hub.verify_token={source.VerifyToken}&hub.challenge=1158201444";

        using var confirmed = await api.Anonymous.GetAsync(source.Path + good);

        Assert.Equal((HttpStatusCode.OK, "1158201444", "text/plain"), (
            confirmed.StatusCode, await confirmed.Content.ReadAsStringAsync(), confirmed.Content.Headers.ContentType!.MediaType));
        await (await api.Anonymous.GetAsync(source.Path + good.Replace("subscribe", "other", StringComparison.Ordinal))).ProblemAsync(404);
        await (await api.Anonymous.GetAsync($"{source.Path}?hub.mode=subscribe&hub.verify_token=nobody%27s&hub.challenge=1")).ProblemAsync(404);
        await (await api.Anonymous.GetAsync($"{generic.Path}?hub.mode=subscribe&hub.verify_token=nobody%27s&hub.challenge=1")).ProblemAsync(404);
        await (await api.Anonymous.GetAsync(source.Path)).ProblemAsync(404);
        await (await api.Anonymous.GetAsync($"{source.Path}{good}%0d%0a")).ProblemAsync(400);
    }

    [Fact]
    public async Task Disabled_or_deleted_source_is_unknown_at_once()
    {
        var admin = await api.Acme;
        var source = await CreateAsync(admin);
        var url = $"/api/admin/webhook-sources/{source.Id}";
        await TakenAsync(source.CallAsync(api.Anonymous));

        await admin.PutAsync(url, JsonBody(new { name = "Test", disabled = true }));
        await (await source.CallAsync(api.Anonymous)).ProblemAsync(404);
        await admin.PutAsync(url, JsonBody(new { name = "Test", disabled = false }));
        await TakenAsync(source.CallAsync(api.Anonymous));
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync(url)).StatusCode);

        await (await source.CallAsync(api.Anonymous)).ProblemAsync(404);
        Assert.Equal(0L, await EventsAsync(source));
    }

    [Fact]
    [Trait("Req", "B1")]
    public async Task Token_of_another_tenant_changes_nothing()
    {
        var source = await CreateAsync(await api.Acme);

        await TakenAsync(source.CallAsync(await api.Globex));

        Assert.Equal(DemoAccounts.Acme, await api.ScalarAsync<Guid>("SELECT tenant_id FROM webhook_events WHERE source_id = $1", Guid.Parse(source.Id)));
    }

    [Fact]
    [Trait("Req", "E3")]
    public async Task Source_has_a_limit_of_its_own_and_guesses_count_against_the_address()
    {
        await using var replica = api.StartReplica(
            RateLimitSettings.With(("RateLimit:Policies:webhooks:Limit", "3"), ("RateLimit:Anonymous", "4")));
        using var client = new HttpClient { BaseAddress = replica.ClientOptions.BaseAddress };
        // An address of its own, so that its block is of no other test.
        client.DefaultRequestHeaders.Add("X-Forwarded-For", $"203.0.113.{Random.Shared.Next(256)}");
        var (busy, other) = (await CreateAsync(await api.Acme), await CreateAsync(await api.Acme));

        for (var i = 0; i < 3; i++)
            await TakenAsync(busy.CallAsync(client));
        using var limited = await busy.CallAsync(client);
        await limited.ProblemAsync(429);
        Assert.NotNull(limited.Headers.RetryAfter);
        Assert.Equal(3L, await EventsAsync(busy));

        var answers = new List<int>();
        for (var i = 0; i < 6; i++)
            answers.Add((int)(await other.CallAsync(client, signature: "v1,x")).StatusCode);
        Assert.Contains(429, answers);
        // Who can prove itself isn't held up by others behind the same address.
        await TakenAsync(other.CallAsync(client));
    }

    private static StringContent JsonBody(object value) => new(System.Text.Json.JsonSerializer.Serialize(value), Encoding.UTF8, "application/json");

    private Task<long> EventsAsync(WebhookCaller source) =>
        api.ScalarAsync<long>("SELECT count(*) FROM webhook_events WHERE source_id = $1", Guid.Parse(source.Id));
}
