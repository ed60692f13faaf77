using System.Globalization;
using Microsoft.AspNetCore.Http;
using Platform.Caching;
using Platform.Data.Webhooks;
using Platform.Jobs;
using Platform.Testing;
using static Platform.Worker.Tests.OutgoingWebhookCalls;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

/// <summary>Endpoints that fail, or mustn't be called.</summary>
[Trait("Req", "F9")]
public sealed class OutgoingWebhookFailureTests
{
    [Fact]
    [Trait("Req", "F3")]
    public async Task Failing_endpoint_is_tried_three_times_with_the_same_id_and_recorded()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = async context =>
        {
            context.Response.StatusCode = 500;
            await context.Response.WriteAsync("Sorry \0" + new string('x', 100_000));
        };
        await using var host = await StartAsync(database, Loopback);
        var endpoint = await EndpointAsync(database, host, receiver.Url, ["*"]);

        await TellAsync(host, Acme, EventType, new { id = 1 });
        await WaitAsync(database, "failed");

        Assert.Equal(3, receiver.Calls.Count);
        Assert.Single(receiver.Calls.Select(call => call.Headers["webhook-id"].ToString()).Distinct());
        Assert.Equal("3|500|The endpoint answered 500.|500|1", await database.ScalarAsync<string>(
            """
            SELECT concat_ws('|', attempts, response_status, error, length(response_body), (SELECT failure_count FROM webhook_endpoints WHERE id = $1))
            FROM webhook_deliveries
            """,
            endpoint));
        // The base of 2 s, a quarter less at the least.
        Assert.True(await database.ScalarAsync<double>(
            "SELECT extract(epoch FROM max(finished_at) - min(finished_at))::float8 FROM jobs.attempts WHERE attempt <= 2") >= 1.5);
    }

    [Fact]
    public async Task Redirect_is_not_followed()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = context =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        };
        await using var host = await StartAsync(database, Loopback);
        await EndpointAsync(database, host, receiver.Url, ["*"]);

        await TellAsync(host, Acme, EventType, new { id = 1 });
        await WaitAsync(database, "pending", error: "The endpoint redirected (302); redirects aren't followed.");
    }

    [Fact]
    public async Task Endpoint_that_answers_late_is_left()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await using var host = await StartAsync(database, Loopback, ("OutgoingWebhooks:Timeout", "00:00:00.3"));
        await EndpointAsync(database, host, receiver.Url, ["*"]);

        await TellAsync(host, Acme, EventType, new { id = 1 });
        await WaitAsync(database, "pending", error: "The endpoint didn't answer within 0.3 s.");
    }

    [Theory]
    [InlineData("https://localhost:{port}/", "The name leads to no address that is reachable from everywhere.")]
    [InlineData("https://127.0.0.1:{port}/", "The name leads to no address that is reachable from everywhere.")]
    [InlineData("https://[::ffff:127.0.0.1]:{port}/", "The name leads to no address that is reachable from everywhere.")]
    [InlineData("https://169.254.169.254/", "The name leads to no address that is reachable from everywhere.")]
    [InlineData("http://127.0.0.1:{port}/", "The address must begin with https://.")]
    public async Task Address_near_by_is_never_connected_to(string url, string error)
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var host = await StartAsync(database);
        await EndpointAsync(
            database, host, url.Replace("{port}", new Uri(receiver.Url).Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), ["*"]);

        await TellAsync(host, Acme, EventType, new { id = 1 });
        await WaitAsync(database, "pending", error: error);

        Assert.Empty(receiver.Calls);
    }

    [Fact]
    public async Task Endpoint_that_is_gone_is_disabled_and_its_managers_are_notified()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = context =>
        {
            context.Response.StatusCode = 410;
            return Task.CompletedTask;
        };
        await using var host = await StartAsync(database, Loopback);
        var endpoint = await EndpointAsync(database, host, receiver.Url, ["*"]);
        var isCached = await host.CacheAsync(CacheTag.For(Acme, IWebhookRow.CacheSubject));
        Assert.True(await isCached());

        await TellAsync(host, Acme, EventType, new { id = 1 });
        await WaitAsync(database, "failed");

        Assert.Single(receiver.Calls);
        Assert.Equal("The endpoint answered that it is gone (410).", await database.ScalarAsync<string>(
            "SELECT disabled_reason FROM webhook_endpoints WHERE id = $1 AND disabled_at IS NOT NULL AND version = 2", endpoint));
        Assert.Equal("admin@acme.example", await database.ScalarAsync<string>(
            "SELECT string_agg(u.email, ',') FROM notifications n JOIN users u ON u.id = n.user_id WHERE n.kind = 'webhook.disabled'"));
        await Eventually.TrueAsync(() => host.Events.Any(e => e.Event.Type == "notification.created" && e.Event.Channel!.StartsWith("user:", StringComparison.Ordinal))
            && host.Events.Any(e => e.Event.Type == "webhook.endpoint_disabled"));
        // Before anybody is told, so that whoever reads again then gets it.
        Assert.False(await isCached());
    }

    [Fact]
    public async Task Endpoint_is_disabled_after_failures_in_a_row_and_what_waits_is_dropped()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var host = await StartAsync(database, Loopback, ("OutgoingWebhooks:MaxFailures", "2"));
        var endpoint = await EndpointAsync(database, host, receiver.Url, ["*"]);
        await database.ScalarAsync<Guid>("UPDATE webhook_endpoints SET failure_count = 1 WHERE id = $1 RETURNING id", endpoint);

        await TellAsync(host, Acme, EventType, new { id = 1 });
        await WaitAsync(database, "delivered");
        Assert.Equal(0, await database.ScalarAsync<int>("SELECT failure_count FROM webhook_endpoints WHERE id = $1", endpoint));

        receiver.Answer = context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        await database.ScalarAsync<Guid>("UPDATE webhook_endpoints SET failure_count = 1 WHERE id = $1 RETURNING id", endpoint);
        await TellAsync(host, Acme, EventType, new { id = 2 });
        await WaitAsync(database, "failed");
        Assert.Equal("2 deliveries in a row failed.", await database.ScalarAsync<string>(
            "SELECT disabled_reason FROM webhook_endpoints WHERE id = $1 AND disabled_at IS NOT NULL", endpoint));

        // One that was on its way when it happened.
        await database.ScalarAsync<Guid>("UPDATE webhook_deliveries SET status = 'pending' WHERE status = 'failed' RETURNING id");
        var id = await database.ScalarAsync<Guid>("SELECT id FROM webhook_deliveries WHERE status = 'pending'");
        await database.WaitForAsync(Acme, await host.EnqueueAsync(Acme, new DeliverWebhook(id)), JobStates.Succeeded);
        await WaitAsync(database, "dropped", error: "The endpoint is disabled.");
    }
}
