using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Platform.Api.Tests.Webhooks;

[Collection(ApiTests.Name)]
[Trait("Req", "F1")]
public sealed class OutgoingEventTests(ApiFixture api)
{
    private static readonly string[] Types = ["contact.created", "contact.updated", "contact.deleted"];

    [Fact]
    public async Task Change_of_a_contact_stores_one_delivery_with_its_job()
    {
        var client = await api.Acme;
        var endpoint = await EndpointAsync(client, Types);
        var (key, email) = (Guid.NewGuid().ToString(), $"{Guid.NewGuid():N}@example.com");

        using var created = await client.PostAsync("/api/contacts", new { name = "Told", email }, key);
        var id = (await created.JsonAsync(HttpStatusCode.Created)).Text("id");
        // Again, and in vain: neither is a change.
        using (await client.PostAsync("/api/contacts", new { name = "Told", email }, key))
        using (await client.PostAsJsonAsync("/api/contacts", new { name = "Other", email }))
        using (await client.PutAsJsonAsync($"/api/contacts/{id}", new { name = "Told again", email }))
        using (await client.PutAsJsonAsync($"/api/contacts/{Guid.NewGuid()}", new { name = "Nobody", email }))
        using (await client.DeleteAsync(new Uri($"/api/contacts/{id}", UriKind.Relative)))
        {
            Assert.Equal("contact.created,contact.updated,contact.deleted", await api.ScalarAsync<string>(
                """
                SELECT string_agg(d.event_type, ',' ORDER BY d.created_at) FROM webhook_deliveries d JOIN jobs.job j ON j.id = d.job_id
                WHERE d.endpoint_id = $1 AND j.type = 'webhooks.deliver' AND j.queue = 'deliveries' AND d.status = 'pending'
                """,
                endpoint));
        }
        var payload = JsonDocument.Parse(await api.ScalarAsync<string>(
            "SELECT payload FROM webhook_deliveries WHERE endpoint_id = $1 AND event_type = 'contact.updated'", endpoint)).RootElement;
        Assert.Equal((id, "Told again"), (payload.GetProperty("data").Text("id"), payload.GetProperty("data").Text("name")));
        Assert.True(payload.GetProperty("timestamp").TryGetDateTimeOffset(out _));
        await client.DeleteAsync(new Uri($"/api/admin/webhook-endpoints/{endpoint}", UriKind.Relative));
    }

    [Fact]
    [Trait("Req", "B4")]
    public async Task Endpoint_of_another_tenant_hears_nothing()
    {
        var (acme, globex) = (await api.Acme, await api.Globex);
        var endpoint = await EndpointAsync(globex, ["*"]);

        using var created = await acme.PostAsJsonAsync("/api/contacts", new { name = "Acme's", email = $"{Guid.NewGuid():N}@example.com" });

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(0L, await api.ScalarAsync<long>("SELECT count(*) FROM webhook_deliveries WHERE endpoint_id = $1 AND event_type = 'contact.created'", endpoint));
        await globex.DeleteAsync(new Uri($"/api/admin/webhook-endpoints/{endpoint}", UriKind.Relative));
    }

    private static async Task<Guid> EndpointAsync(HttpClient client, string[] eventTypes)
    {
        using var response = await client.PostAsJsonAsync(
            "/api/admin/webhook-endpoints", new { url = "https://shop.example/hook", eventTypes });
        return Guid.Parse((await response.JsonAsync(HttpStatusCode.Created)).Text("id"));
    }
}
