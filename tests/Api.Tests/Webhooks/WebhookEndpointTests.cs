using System.Net;
using System.Net.Http.Json;

namespace Platform.Api.Tests.Webhooks;

[Collection(ApiTests.Name)]
[Trait("Req", "D8")]
public sealed class WebhookEndpointTests(ApiFixture api)
{
    private const string Url = "/api/admin/webhook-endpoints";

    private static readonly string[] Types = ["message.created", "contact.updated"];

    [Fact]
    public async Task Create_shows_the_secret_once()
    {
        var client = await api.Acme;
        var (key, body) = (Guid.NewGuid().ToString(), new { url = "https://Shop.Example:8443/hook?a=1", description = " Shop ", eventTypes = Types });

        using var response = await client.PostAsync(Url, body, key);
        var created = await response.JsonAsync(HttpStatusCode.Created);
        var repeated = await (await client.PostAsync(Url, body, key)).JsonAsync(HttpStatusCode.Created);
        var read = await (await client.GetAsync(response.Headers.Location)).JsonAsync();

        Assert.StartsWith("whsec_", created.Text("secret"), StringComparison.Ordinal);
        Assert.Equal(("https://shop.example:8443/hook?a=1", "Shop"), (created.Text("url"), created.Text("description")));
        Assert.Equal(Types, created.GetProperty("eventTypes").EnumerateArray().Select(type => type.GetString()));
        Assert.Equal($"••••{created.Text("secret")[^4..]}", read.Text("secret"));
        Assert.Equal(read.ToString(), repeated.ToString());
    }

    [Theory]
    [InlineData("http://shop.example/hook")]
    [InlineData("ftp://shop.example/hook")]
    [InlineData("https://user:pass@shop.example/hook")]
    [InlineData("https://localhost/hook")]
    [InlineData("https://database/hook")]
    [InlineData("https://redis.default.svc.cluster.local/")]
    [InlineData("https://metadata.google.internal/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f.1/")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://10.1.2.3/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:10.0.0.1]/")]
    [InlineData("https://[fd00::1]/")]
    [InlineData("https://[2002:7f00:1::]/")]
    [InlineData("//shop.example/hook")]
    [InlineData("")]
    public async Task Create_with_an_address_not_everybody_reaches_names_it(string url)
    {
        using var response = await (await api.Acme).PostAsync(Url, new { url, eventTypes = Types });

        Assert.Equal(["url"], (await response.ProblemAsync(422)).Fields());
    }

    [Theory]
    [InlineData("")]
    [InlineData("everything")]
    [InlineData("Message.Created")]
    [InlineData("message.created.twice")]
    public async Task Create_with_an_unknown_kind_of_event_names_it(string type)
    {
        using var response = await (await api.Acme).PostAsync(
            Url, new { url = "https://shop.example/", eventTypes = type.Length == 0 ? [] : new[] { type } });

        Assert.Equal(["eventTypes"], (await response.ProblemAsync(422)).Fields());
    }

    [Fact]
    public async Task Update_rotate_and_delete_follow_the_version()
    {
        var client = await api.Acme;
        var created = await client.CreateAsync(Url, new { url = "https://shop.example/", eventTypes = Types });
        var url = $"{Url}/{created.Text("id")}";
        await api.ScalarAsync<int>(
            "UPDATE webhook_endpoints SET failure_count = 9, disabled_at = now(), disabled_reason = 'Too many failures.' WHERE id = $1 RETURNING 1",
            created.GetProperty("id").GetGuid());

        var updated = await (await client.PutAsJsonAsync(url, new { url = "https://8.8.8.8/", eventTypes = new[] { "*" } })).JsonAsync();
        var rotated = await (await client.PostAsync($"{url}/rotate-secret", null)).JsonAsync();
        var ended = await (await client.DeleteAsync($"{url}/previous-secret")).JsonAsync();

        Assert.Equal((0, false, 2L), (
            updated.GetProperty("failureCount").GetInt32(), updated.GetProperty("disabled").GetBoolean(), updated.GetProperty("version").GetInt64()));
        Assert.NotEqual(created.Text("secret"), rotated.Text("secret"));
        Assert.True(rotated.GetProperty("hasPreviousSecret").GetBoolean());
        Assert.False(ended.GetProperty("hasPreviousSecret").GetBoolean());
        using (var stale = new HttpRequestMessage(HttpMethod.Delete, url) { Headers = { { "If-Match", "\"1\"" } } })
            await (await client.SendAsync(stale)).ProblemAsync(412);
        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync(url)).StatusCode);
        await (await client.GetAsync(url)).ProblemAsync(404);
    }

    [Fact]
    [Trait("Req", "B2")]
    public async Task Endpoints_belong_to_their_tenant_and_to_those_who_may()
    {
        var created = await (await api.Acme).CreateAsync(Url, new { url = "https://shop.example/", eventTypes = Types });

        await (await (await api.Globex).GetAsync($"{Url}/{created.Text("id")}")).ProblemAsync(404);
        await (await (await api.Globex).DeleteAsync($"{Url}/{created.Text("id")}")).ProblemAsync(404);
        var list = await (await (await api.Globex).GetAsync($"{Url}?limit=50")).JsonAsync();
        Assert.DoesNotContain(list.GetProperty("data").EnumerateArray(), row => row.Text("id") == created.Text("id"));
        await (await (await api.AcmeAgent).GetAsync(Url)).ProblemAsync(403);
    }
}
