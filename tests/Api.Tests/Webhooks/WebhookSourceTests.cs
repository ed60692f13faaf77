using System.Net;
using System.Net.Http.Json;

namespace Platform.Api.Tests.Webhooks;

[Collection(ApiTests.Name)]
[Trait("Req", "D8")]
public sealed class WebhookSourceTests(ApiFixture api)
{
    private const string Url = "/api/admin/webhook-sources";

    [Fact]
    public async Task Secret_is_shown_once_and_stored_encrypted()
    {
        var client = await api.Acme;
        var key = Guid.NewGuid().ToString();

        using var response = await client.PostAsync(Url, new { provider = "generic", name = " Shop " }, key);
        var created = await response.JsonAsync(HttpStatusCode.Created);
        var repeated = await (await client.PostAsync(Url, new { provider = "generic", name = "Shop" }, key)).JsonAsync(HttpStatusCode.Created);

        var secret = created.Text("secret");
        Assert.Matches("^whsec_[A-Za-z0-9+/=]{40,}$", secret);
        Assert.Equal(("Shop", "\"1\"", "no-store"), (created.Text("name"), response.Headers.ETag!.Tag, response.Headers.CacheControl!.ToString()));
        Assert.Equal((created.Text("id"), $"••••{secret[^4..]}"), (repeated.Text("id"), repeated.Text("secret")));
        Assert.Equal(repeated.ToString(), (await (await client.GetAsync(response.Headers.Location)).JsonAsync()).ToString());
        Assert.Equal(0L, await api.ScalarAsync<long>(
            """
            SELECT (SELECT count(*) FROM webhook_sources WHERE position($1 IN secret) > 0)
                + (SELECT count(*) FROM idempotency_records WHERE position($1 IN convert_from(body, 'UTF8')) > 0)
            """,
            secret["whsec_".Length..]));
    }

    [Fact]
    public async Task Verify_token_of_meta_is_shown_once_and_its_secret_never()
    {
        var client = await api.Acme;

        var created = await client.CreateAsync(Url, new { provider = "meta", name = "WhatsApp", secret = WebhookCaller.MetaSecret });
        var read = await (await client.GetAsync($"{Url}/{created.Text("id")}")).JsonAsync();

        Assert.Equal("••••cdef", created.Text("secret"));
        Assert.Matches("^[a-z0-9]{32}$", created.Text("verifyToken"));
        Assert.Equal($"••••{created.Text("verifyToken")[^4..]}", read.Text("verifyToken"));
        Assert.Equal($"/api/webhooks/meta/{created.Text("slug")}", created.Text("path"));
    }

    [Theory]
    [InlineData("""{"provider":"shop","name":"x"}""", "provider")]
    [InlineData("""{"name":"x"}""", "provider")]
    [InlineData("""{"provider":"generic"}""", "name")]
    [InlineData("""{"provider":"meta","name":"x"}""", "secret")]
    [InlineData("""{"provider":"meta","name":"x","secret":"short"}""", "secret")]
    [InlineData("""{"provider":"generic","name":"x","secret":"0123456789abcdef0123"}""", "secret")]
    public async Task Create_with_an_invalid_field_names_it(string body, string field)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        Assert.Equal([field], (await (await (await api.Acme).PostAsync(Url, content)).ProblemAsync(422)).Fields());
    }

    [Fact]
    public async Task Change_of_another_version_is_412()
    {
        var client = await api.Acme;
        var url = $"{Url}/{(await WebhookCaller.CreateAsync(client)).Id}";

        foreach (var (method, path) in new[]
        {
            (HttpMethod.Put, url), (HttpMethod.Post, $"{url}/rotate-secret"), (HttpMethod.Delete, $"{url}/previous-secret"), (HttpMethod.Delete, url),
        })
        {
            using var request = new HttpRequestMessage(method, path) { Headers = { { "If-Match", "\"7\"" } } };
            if (method != HttpMethod.Delete)
                request.Content = JsonContent.Create(new { name = "Changed" });
            await (await client.SendAsync(request)).ProblemAsync(412);
        }
        var updated = await (await client.PutAsJsonAsync(url, new { name = "Changed", disabled = true })).JsonAsync();
        Assert.Equal(("Changed", true, 2L), (
            updated.Text("name"), updated.GetProperty("disabled").GetBoolean(), updated.GetProperty("version").GetInt64()));
    }

    [Fact]
    [Trait("Req", "B2")]
    public async Task Sources_belong_to_their_tenant_and_to_those_who_may()
    {
        var (acme, globex) = (await api.Acme, await api.Globex);
        var source = await WebhookCaller.CreateAsync(acme);

        await (await globex.GetAsync($"{Url}/{source.Id}")).ProblemAsync(404);
        await (await globex.GetAsync($"{Url}/{source.Id}/events")).ProblemAsync(404);
        await (await globex.PostAsync($"{Url}/{source.Id}/rotate-secret", new { })).ProblemAsync(404);
        await (await globex.DeleteAsync($"{Url}/{source.Id}")).ProblemAsync(404);
        var list = await (await globex.GetAsync($"{Url}?limit=50")).JsonAsync();
        Assert.DoesNotContain(list.GetProperty("data").EnumerateArray(), row => row.Text("id") == source.Id);
        await (await (await api.AcmeAgent).GetAsync(Url)).ProblemAsync(403);
        await WebhookCaller.TakenAsync(source.CallAsync(api.Anonymous));
    }

    [Fact]
    public async Task Calls_are_listed_with_what_became_of_them()
    {
        var client = await api.Acme;
        var source = await WebhookCaller.CreateAsync(client);
        foreach (var id in new[] { "msg_1", "msg_2", "msg_3" })
            await WebhookCaller.TakenAsync(source.CallAsync(api.Anonymous, """{"type":"x"}""", id));

        var first = await (await client.GetAsync($"{Url}/{source.Id}/events?limit=2")).JsonAsync();
        var cursor = first.GetProperty("pagination").Text("nextCursor");
        var rest = await (await client.GetAsync($"{Url}/{source.Id}/events?limit=2&cursor={cursor}")).JsonAsync();

        var rows = first.GetProperty("data").EnumerateArray().Concat(rest.GetProperty("data").EnumerateArray()).ToList();
        Assert.Equal(["msg_3", "msg_2", "msg_1"], rows.Select(row => row.Text("externalId")));
        Assert.All(rows, row => Assert.Equal(("received", 12), (row.Text("status"), row.GetProperty("bytes").GetInt32())));
        Assert.Equal(3, first.GetProperty("pagination").GetProperty("total").GetInt32());
    }
}
