using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Platform.Api.Tests.Webhooks;

[Collection(ApiTests.Name)]
[Trait("Req", "F9")]
public sealed class WebhookDeliveryTests(ApiFixture api)
{
    private const string Url = "/api/admin/webhook-endpoints";

    [Fact]
    public async Task Test_sends_an_event_that_no_endpoint_asked_for()
    {
        var (client, key) = (await api.Acme, Guid.NewGuid().ToString());
        var (endpoint, url) = await EndpointAsync(client);

        using var response = await client.PostAsync($"{url}/test", new { }, key);
        var sent = await response.JsonAsync(HttpStatusCode.Accepted);
        using var repeated = await client.PostAsync($"{url}/test", new { }, key);
        var job = await (await client.GetAsync(response.Headers.Location)).JsonAsync();

        Assert.Equal(sent.ToString(), (await repeated.JsonAsync(HttpStatusCode.Accepted)).ToString());
        Assert.Equal(("webhook.test", "pending"), (sent.Text("eventType"), sent.Text("status")));
        Assert.Equal(("webhooks.deliver", "deliveries"), (job.Text("type"), job.Text("queue")));
        var payload = JsonDocument.Parse(await api.ScalarAsync<string>("SELECT payload FROM webhook_deliveries WHERE endpoint_id = $1", endpoint));
        Assert.Equal(endpoint.ToString(), payload.RootElement.GetProperty("data").Text("endpointId"));
        Assert.Equal(1L, await api.ScalarAsync<long>(
            "SELECT count(*) FROM audit_log WHERE action = 'webhook-endpoint.test' AND subject = $1", endpoint.ToString()));
    }

    [Fact]
    [Trait("Req", "D2")]
    public async Task List_shows_what_came_of_each_delivery_but_nothing_of_what_was_said()
    {
        var client = await api.Acme;
        var (endpoint, url) = await EndpointAsync(client);
        for (var i = 0; i < 3; i++)
            await (await client.PostAsync($"{url}/test", null)).JsonAsync(HttpStatusCode.Accepted);
        await api.ScalarAsync<int>(
            """
            WITH all_of_it AS (
                UPDATE webhook_deliveries SET status = 'failed', attempts = 3, response_status = 500, duration_ms = 12, error = 'The endpoint answered 500.',
                    response_body = 'a-secret-answer', payload = '{"data":"a-secret-event"}', finished_at = now()
                WHERE endpoint_id = $1)
            SELECT 1
            """,
            endpoint);

        var first = await (await client.GetAsync($"{url}/deliveries?limit=2")).JsonAsync();
        var cursor = first.GetProperty("pagination").Text("nextCursor");
        var rest = await (await client.GetAsync($"{url}/deliveries?limit=2&cursor={cursor}")).JsonAsync();

        Assert.Equal(3, first.GetProperty("pagination").GetProperty("total").GetInt32());
        var rows = first.GetProperty("data").EnumerateArray().Concat(rest.GetProperty("data").EnumerateArray()).ToList();
        Assert.Equal(3, rows.Select(row => row.Text("id")).Distinct().Count());
        Assert.All(rows, row => Assert.Equal(
            ("failed", 3, 500, 12, "The endpoint answered 500."),
            (row.Text("status"), row.GetProperty("attempts").GetInt32(), row.GetProperty("responseStatus").GetInt32(),
                row.GetProperty("durationMs").GetInt32(), row.Text("error"))));
        Assert.DoesNotContain("a-secret", first.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redeliver_takes_the_same_event_again_once_it_is_not_on_its_way()
    {
        var client = await api.Acme;
        var (_, url) = await EndpointAsync(client);
        var sent = await (await client.PostAsync($"{url}/test", null)).JsonAsync(HttpStatusCode.Accepted);
        var again = $"{url}/deliveries/{sent.Text("id")}/redeliver";

        await (await client.PostAsync(again, null)).ProblemAsync(409);
        // As if its worker had died at the last attempt, long ago: nothing of the job is left, and nobody told the delivery.
        await api.ScalarAsync<int>(
            "WITH p AS (DELETE FROM jobs.pending WHERE id = $1), j AS (DELETE FROM jobs.job WHERE id = $1) SELECT 1",
            sent.GetProperty("jobId").GetGuid());
        var redelivered = await (await client.PostAsync(again, null)).JsonAsync(HttpStatusCode.Accepted);
        await (await client.PostAsync(again, null)).ProblemAsync(409);

        Assert.Equal((sent.Text("id"), sent.Text("eventId"), "pending"), (redelivered.Text("id"), redelivered.Text("eventId"), redelivered.Text("status")));
        Assert.NotEqual(sent.Text("jobId"), redelivered.Text("jobId"));
    }

    [Fact]
    public async Task Disabled_endpoint_is_neither_tested_nor_told_again()
    {
        var client = await api.Acme;
        var (endpoint, url) = await EndpointAsync(client);
        var sent = await (await client.PostAsync($"{url}/test", null)).JsonAsync(HttpStatusCode.Accepted);
        await api.ScalarAsync<Guid>("UPDATE webhook_endpoints SET disabled_at = now() WHERE id = $1 RETURNING id", endpoint);

        await (await client.PostAsync($"{url}/test", null)).ProblemAsync(409);
        await (await client.PostAsync($"{url}/deliveries/{sent.Text("id")}/redeliver", null)).ProblemAsync(409);
    }

    [Fact]
    [Trait("Req", "B2")]
    public async Task Deliveries_belong_to_their_tenant_and_endpoint()
    {
        var (acme, globex) = (await api.Acme, await api.Globex);
        var (_, url) = await EndpointAsync(acme);
        var (_, other) = await EndpointAsync(acme);
        var sent = await (await acme.PostAsync($"{url}/test", null)).JsonAsync(HttpStatusCode.Accepted);

        await (await globex.PostAsync($"{url}/test", null)).ProblemAsync(404);
        await (await globex.GetAsync($"{url}/deliveries")).ProblemAsync(404);
        await (await globex.PostAsync($"{url}/deliveries/{sent.Text("id")}/redeliver", null)).ProblemAsync(404);
        await (await acme.PostAsync($"{other}/deliveries/{sent.Text("id")}/redeliver", null)).ProblemAsync(404);
        await (await (await api.AcmeAgent).PostAsync($"{url}/test", null)).ProblemAsync(403);
    }

    private static async Task<(Guid Id, string Url)> EndpointAsync(HttpClient client)
    {
        using var response = await client.PostAsJsonAsync(Url, new { url = "https://shop.example/hook", eventTypes = new[] { "contact.merged" } });
        var id = Guid.Parse((await response.JsonAsync(HttpStatusCode.Created)).Text("id"));
        return (id, $"{Url}/{id}");
    }
}
