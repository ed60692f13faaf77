using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Platform.Data.Security;
using Platform.Data.Webhooks;
using Platform.Jobs;
using Platform.Tenancy;
using Platform.Testing;
using Platform.Worker.Handlers;
using Platform.Worker.OutgoingWebhooks;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

[Trait("Req", "F9")]
public sealed class OutgoingWebhookTests
{
    private const string Type = "contact.created";

    private static readonly (string, string?) Loopback = ("OutgoingWebhooks:AllowLoopback", "true");

    [Fact]
    public async Task Event_is_delivered_signed_as_standard_webhooks_says()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var host = await StartAsync(database, Loopback);
        var (current, previous) = (WebhookSecrets.Create(), WebhookSecrets.Create());
        await EndpointAsync(database, host, receiver.Url, [Type], current, previous);

        await TellAsync(host, Acme, Type, new { name = "Zoë <Ünal>" });
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
        Assert.Equal((Type, "Zoë <Ünal>"), (json.GetProperty("type").GetString(), json.GetProperty("data").GetProperty("name").GetString()));
        Assert.Equal("delivered|1|204|t|t", await database.ScalarAsync<string>(
            "SELECT concat_ws('|', status, attempts, response_status, duration_ms >= 0, finished_at IS NOT NULL) FROM webhook_deliveries"));
    }

    [Fact]
    public async Task Only_enabled_endpoints_of_the_tenant_that_want_the_event_get_it()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var host = await StartAsync(database, Loopback);
        var wanting = await EndpointAsync(database, host, receiver.Url + "/1", [Type]);
        var all = await EndpointAsync(database, host, receiver.Url + "/2", ["*"]);
        await EndpointAsync(database, host, receiver.Url + "/3", ["contact.deleted"]);
        var disabled = await EndpointAsync(database, host, receiver.Url + "/4", ["*"]);
        await database.ScalarAsync<Guid>("UPDATE webhook_endpoints SET disabled_at = now() WHERE id = $1 RETURNING id", disabled);
        await EndpointAsync(database, host, receiver.Url + "/5", ["*"], tenant: Globex);

        await TellAsync(host, Acme, Type, new { id = 1 });
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
            services.GetRequiredService<WebhookOutbox>().Add(transaction, new OutgoingEvent(Type, default));
            transaction.BeforeCommit(_ => throw new InvalidOperationException("No."));
            return Task.FromResult(0);
        }));

        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM webhook_deliveries) + (SELECT count(*) FROM jobs.job)"));
    }

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

        await TellAsync(host, Acme, Type, new { id = 1 });
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

        await TellAsync(host, Acme, Type, new { id = 1 });
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

        await TellAsync(host, Acme, Type, new { id = 1 });
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

        await TellAsync(host, Acme, Type, new { id = 1 });
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

        await TellAsync(host, Acme, Type, new { id = 1 });
        await WaitAsync(database, "failed");

        Assert.Single(receiver.Calls);
        Assert.Equal("The endpoint answered that it is gone (410).", await database.ScalarAsync<string>(
            "SELECT disabled_reason FROM webhook_endpoints WHERE id = $1 AND disabled_at IS NOT NULL AND version = 2", endpoint));
        Assert.Equal("admin@acme.example", await database.ScalarAsync<string>(
            "SELECT string_agg(u.email, ',') FROM notifications n JOIN users u ON u.id = n.user_id WHERE n.kind = 'webhook.disabled'"));
        await Eventually.TrueAsync(() => host.Events.Any(e => e.Event.Type == "notification.created" && e.Event.Channel!.StartsWith("user:", StringComparison.Ordinal))
            && host.Events.Any(e => e.Event.Type == "webhook.endpoint_disabled"));
    }

    [Fact]
    public async Task Endpoint_is_disabled_after_failures_in_a_row_and_what_waits_is_dropped()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var host = await StartAsync(database, Loopback, ("OutgoingWebhooks:MaxFailures", "2"));
        var endpoint = await EndpointAsync(database, host, receiver.Url, ["*"]);
        await database.ScalarAsync<Guid>("UPDATE webhook_endpoints SET failure_count = 1 WHERE id = $1 RETURNING id", endpoint);

        await TellAsync(host, Acme, Type, new { id = 1 });
        await WaitAsync(database, "delivered");
        Assert.Equal(0, await database.ScalarAsync<int>("SELECT failure_count FROM webhook_endpoints WHERE id = $1", endpoint));

        receiver.Answer = context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        await database.ScalarAsync<Guid>("UPDATE webhook_endpoints SET failure_count = 1 WHERE id = $1 RETURNING id", endpoint);
        await TellAsync(host, Acme, Type, new { id = 2 });
        await WaitAsync(database, "failed");
        Assert.Equal("2 deliveries in a row failed.", await database.ScalarAsync<string>(
            "SELECT disabled_reason FROM webhook_endpoints WHERE id = $1 AND disabled_at IS NOT NULL", endpoint));

        // One that was on its way when it happened.
        await database.ScalarAsync<Guid>("UPDATE webhook_deliveries SET status = 'pending' WHERE status = 'failed' RETURNING id");
        var id = await database.ScalarAsync<Guid>("SELECT id FROM webhook_deliveries WHERE status = 'pending'");
        await database.WaitForAsync(Acme, await host.EnqueueAsync(Acme, new DeliverWebhook(id)), JobStates.Succeeded);
        await WaitAsync(database, "dropped", error: "The endpoint is disabled.");
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
            await TellAsync(host, Acme, Type, new { id = i });
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
        await EndpointAsync(database, host, receiver.Url, [Type]);
        await TellAsync(host, Acme, Type, new { id = 1 });
        await WaitAsync(database, "delivered");

        var id = await database.ScalarAsync<Guid>("UPDATE webhook_deliveries SET status = 'pending', finished_at = NULL RETURNING id");
        await host.EnqueueAsync(Acme, new DeliverWebhook(id));
        await WaitAsync(database, "delivered");

        Assert.Equal(2, receiver.Calls.Count);
        Assert.Single(receiver.Calls.Select(call => (call.Headers["webhook-id"].ToString(), Convert.ToHexString(call.Body))).Distinct());
        Assert.Equal(2, await database.ScalarAsync<int>("SELECT attempts FROM webhook_deliveries"));
    }

    private static Task<PlatformHost> StartAsync(WorkerDatabase database, params (string, string?)[] settings) =>
        PlatformHost.StartAsync(database, builder => builder.AddOutgoingWebhooks(), null, settings);

    private static async Task<Guid> EndpointAsync(
        WorkerDatabase database, PlatformHost host, string url, string[] types, string? secret = null, string? previous = null, TenantId? tenant = null)
    {
        var (owner, id, protector) = (tenant ?? Acme, Guid.CreateVersion7(), host.Services.GetRequiredService<SecretProtector>());
        return await database.ScalarAsync<Guid>(
            """
            INSERT INTO webhook_endpoints (tenant_id, id, url, secret, previous_secret, event_types)
            VALUES ($1, $2, $3, $4, NULLIF($5, ''), $6) RETURNING id
            """,
            owner.Value, id, url, WebhookSecrets.Protect(protector, owner, id, secret ?? WebhookSecrets.Create()),
            previous is null ? "" : WebhookSecrets.Protect(protector, owner, id, previous), types);
    }

    private static Task<int> TellAsync(PlatformHost host, TenantId tenant, string type, object data) =>
        host.WriteAsync(tenant, (transaction, services) =>
        {
            services.GetRequiredService<WebhookOutbox>().Add(transaction, new OutgoingEvent(type, JsonSerializer.SerializeToElement(data)));
            return Task.FromResult(0);
        });

    private static Task WaitAsync(WorkerDatabase database, string status, long count = 1, string? error = null) => Eventually.TrueAsync(
        async () => await database.ScalarAsync<long>(
            "SELECT count(*) FROM webhook_deliveries WHERE status = $1 AND ($2 = '' OR error = $2)", status, error ?? "") == count,
        TimeSpan.FromSeconds(30), $"There never were {count} deliveries that are {status}: {error}");
}
