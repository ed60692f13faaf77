using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.Data.Webhooks;
using Platform.Jobs;
using Platform.Testing;
using Platform.Worker.Handlers;
using Platform.Worker.OutgoingWebhooks;
using static Platform.Worker.Tests.OutgoingWebhookCalls;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

[Trait("Req", "F9")]
public sealed class OutgoingWebhookTests
{
    [Fact]
    public async Task Event_is_delivered_signed_as_standard_webhooks_says()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var host = await StartAsync(database, Loopback);
        var (current, previous) = (WebhookSecrets.Create(), WebhookSecrets.Create());
        await EndpointAsync(database, host, receiver.Url, [EventType], current, previous);

        await TellAsync(host, Acme, EventType, new { name = "Zoë <Ünal>" });
        await WaitAsync(database, "delivered");

        var (headers, body) = Assert.Single(receiver.Calls);
        Assert.Equal(
            [WebhookReceiver.Signature(current, headers, body), WebhookReceiver.Signature(previous, headers, body)],
            headers["webhook-signature"].ToString().Split(' '));
        var age = DateTimeOffset.UtcNow
            - DateTimeOffset.FromUnixTimeSeconds(long.Parse(headers["webhook-timestamp"]!, CultureInfo.InvariantCulture));
        Assert.InRange(age, TimeSpan.FromMinutes(-1), TimeSpan.FromMinutes(1));
        Assert.Equal("application/json; charset=utf-8", headers.ContentType);
        Assert.False(headers.ContainsKey("traceparent"));
        var json = JsonDocument.Parse(body).RootElement;
        Assert.Equal((EventType, "Zoë <Ünal>"), (json.GetProperty("type").GetString(), json.GetProperty("data").GetProperty("name").GetString()));
        Assert.Equal("delivered|1|204|t|t", await database.ScalarAsync<string>(
            "SELECT concat_ws('|', status, attempts, response_status, duration_ms >= 0, finished_at IS NOT NULL) FROM webhook_deliveries"));
    }

    [Fact]
    public async Task Only_enabled_endpoints_of_the_tenant_that_want_the_event_get_it()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var host = await StartAsync(database, Loopback);
        var wanting = await EndpointAsync(database, host, receiver.Url + "/1", [EventType]);
        var all = await EndpointAsync(database, host, receiver.Url + "/2", ["*"]);
        await EndpointAsync(database, host, receiver.Url + "/3", ["contact.deleted"]);
        var disabled = await EndpointAsync(database, host, receiver.Url + "/4", ["*"]);
        await database.ScalarAsync<Guid>("UPDATE webhook_endpoints SET disabled_at = now() WHERE id = $1 RETURNING id", disabled);
        await EndpointAsync(database, host, receiver.Url + "/5", ["*"], tenant: Globex);

        await TellAsync(host, Acme, EventType, new { id = 1 });
        await WaitAsync(database, "delivered", 2);

        Assert.Equal(2, receiver.Calls.Count);
        Assert.Single(receiver.Calls.Select(call => call.Headers["webhook-id"].ToString()).Distinct());
        Assert.Equal(2L, await database.ScalarAsync<long>(
            "SELECT count(*) FROM webhook_deliveries WHERE endpoint_id = ANY ($1)", new[] { wanting, all }));
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM webhook_deliveries"));
    }

    [Fact]
    [Trait("Req", "F1")]
    public async Task Change_that_is_rolled_back_tells_nobody()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await StartAsync(database, Loopback);
        await EndpointAsync(database, host, "http://127.0.0.1:9/", ["*"]);

        await Assert.ThrowsAsync<InvalidOperationException>(() => host.WriteAsync<int>(Acme, (transaction, services) =>
        {
            services.GetRequiredService<WebhookOutbox>().Add(transaction, new OutgoingEvent(EventType, default));
            transaction.BeforeCommit(_ => throw new InvalidOperationException("No."));
            return Task.FromResult(0);
        }));

        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM webhook_deliveries) + (SELECT count(*) FROM jobs.job)"));
    }

    [Fact]
    [Trait("Req", "F5")]
    public async Task Deliveries_that_hang_take_no_place_of_calls_that_come_in()
    {
        const int TenantConcurrency = 8;
        await using var database = await WorkerDatabase.CreateAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        var release = new TaskCompletionSource();
        receiver.Answer = _ => release.Task;
        await using var host = await PlatformHost.StartAsync(
            database,
            builder =>
            {
                builder.AddOutgoingWebhooks();
                builder.AddWebhooks();
                builder.Services.AddJobHandler<ProcessWebhook, ProcessWebhookHandler>();
            },
            null, Loopback, ("OutgoingWebhooks:Timeout", "00:00:50"));
        await EndpointAsync(database, host, receiver.Url, ["*"]);
        for (var i = 0; i <= TenantConcurrency; i++)
            await TellAsync(host, Acme, EventType, new { id = i });
        await Eventually.TrueAsync(() => receiver.Calls.Count == TenantConcurrency);

        // What it is about doesn't exist, and that is what ends it: it has been worked on.
        var job = await host.EnqueueAsync(Acme, new ProcessWebhook(Guid.CreateVersion7(), null));
        await database.WaitForAsync(Acme, job, JobStates.Dead);

        Assert.Equal(TenantConcurrency, receiver.Calls.Count);
        release.SetResult();
        await WaitAsync(database, "delivered", TenantConcurrency + 1);
    }

    [Fact]
    public async Task Delivery_that_is_asked_for_again_is_made_again_with_the_same_id()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var host = await StartAsync(database, Loopback);
        await EndpointAsync(database, host, receiver.Url, [EventType]);
        await TellAsync(host, Acme, EventType, new { id = 1 });
        await WaitAsync(database, "delivered");

        var id = await database.ScalarAsync<Guid>("UPDATE webhook_deliveries SET status = 'pending', finished_at = NULL RETURNING id");
        await host.EnqueueAsync(Acme, new DeliverWebhook(id));
        await WaitAsync(database, "delivered");

        Assert.Equal(2, receiver.Calls.Count);
        Assert.Single(receiver.Calls.Select(call => (call.Headers["webhook-id"].ToString(), Convert.ToHexString(call.Body))).Distinct());
        Assert.Equal(2, await database.ScalarAsync<int>("SELECT attempts FROM webhook_deliveries"));
    }
}
