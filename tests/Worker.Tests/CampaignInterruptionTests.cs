using System.Collections.Concurrent;
using System.Text.Json;
using Platform.Data.Campaigns;
using Platform.Jobs;
using Platform.Testing;
using static Platform.Worker.Tests.CampaignRuns;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

/// <summary>What keeps a campaign from being sent in one go.</summary>
[Trait("Req", "F9")]
public sealed class CampaignInterruptionTests
{
    [Fact]
    [Trait("Req", "F4")]
    public async Task Workers_killed_while_sending_leave_nobody_out_and_repeat_a_message_under_its_own_id()
    {
        const int Count = 150, Kills = 3;
        await using var database = await WorkerDatabase.CreateAsync();
        await using var gateway = await WebhookReceiver.StartAsync();
        await ContactsAsync(database, Acme, Count);
        var campaign = await CampaignAsync(database, "sms", """{"all": true}""");
        (string, string)[] settings =
        [
            ("Campaigns__WebhookUrl", gateway.Url), ("Campaigns__WebhookSecret", Secret), ("Campaigns__MessagesPerSecond", "100"),
            ("Campaigns__Slice", "00:00:00.3"), ("Campaigns__GatherBatch", "40"),
        ];
        var job = await SendAsync(database, campaign);

        for (var kill = 1; kill <= Kills; kill++)
        {
            await using var doomed = await WorkerProcess.StartAsync(database, PortFinder.FreePort(), settings);
            await Eventually.TrueAsync(() => gateway.Calls.Count >= kill * 30, TimeSpan.FromSeconds(40), "The campaign doesn't go on.");
            await doomed.KillAsync();
        }
        await using var last = await WorkerProcess.StartAsync(database, PortFinder.FreePort(), settings);
        await database.WaitForAsync(Acme, job, JobStates.Succeeded, TimeSpan.FromSeconds(60));

        Assert.Equal($"sent|{Count}|{Count}|0|t", await CountersAsync(database, campaign));
        var ids = gateway.Calls.Select(call => call.Headers["webhook-id"].ToString()).ToArray();
        Assert.Equal(Count, ids.Distinct().Count());
        Assert.InRange(ids.Length, Count, Count + Kills);
        Assert.Equal((long)Count, await database.ScalarAsync<long>("SELECT count(*) FROM campaign_recipients WHERE external_id = ANY ($1)", (object)ids));
        var (headers, body) = gateway.Calls.First();
        Assert.Equal(WebhookReceiver.Signature(Secret, headers, body), headers["webhook-signature"]);
        var data = JsonDocument.Parse(body).RootElement.GetProperty("data");
        Assert.Equal(("sms", headers["webhook-id"].ToString()), (data.GetProperty("channel").GetString(), data.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Paused_campaign_stops_and_goes_on_where_it_was()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var gateway = await WebhookReceiver.StartAsync();
        await using var host = await StartAsync(database, [.. Gateway(gateway), ("Campaigns:MessagesPerSecond", "50")]);
        await ContactsAsync(database, Acme, 60);
        var campaign = await CampaignAsync(database, "sms", """{"all": true}""");

        var first = await SendAsync(database, campaign);
        await Eventually.TrueAsync(() => gateway.Calls.Count >= 5);
        await SetStatusAsync(database, campaign, CampaignStatus.Paused);
        await database.WaitForAsync(Acme, first, JobStates.Succeeded);
        var soFar = gateway.Calls.Count;
        Assert.InRange(soFar, 5, 58);
        Assert.Equal($"paused|60|{soFar}|0|f", await CountersAsync(database, campaign));

        await SetStatusAsync(database, campaign, CampaignStatus.Sending);
        await database.WaitForAsync(Acme, await SendAsync(database, campaign), JobStates.Succeeded);

        Assert.Equal("sent|60|60|0|t", await CountersAsync(database, campaign));
        Assert.Equal(60, gateway.Calls.Count);
        Assert.Equal(60, gateway.Calls.Select(call => call.Headers["webhook-id"].ToString()).Distinct().Count());
    }

    [Fact]
    public async Task Cancelling_the_job_alone_pauses_the_campaign()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var gateway = await WebhookReceiver.StartAsync();
        await using var host = await StartAsync(database, [.. Gateway(gateway), ("Campaigns:MessagesPerSecond", "20")]);
        await ContactsAsync(database, Acme, 100);
        var campaign = await CampaignAsync(database, "sms", """{"all": true}""");
        var job = await SendAsync(database, campaign);
        await Eventually.TrueAsync(() => gateway.Calls.Count >= 3);

        await host.WriteAsync(Acme, (transaction, services) =>
            ((IJobQueue)services.GetService(typeof(IJobQueue))!).CancelAsync(transaction.Transaction, Acme, job));
        await database.WaitForAsync(Acme, job, JobStates.Cancelled);

        await Eventually.TrueAsync(async () => await CountersAsync(database, campaign) == $"paused|100|{gateway.Calls.Count}|0|f");
        Assert.Contains(host.Events, e => e.Event.Type == "campaign.paused");
    }

    [Fact]
    public async Task Recipient_who_cannot_be_reached_for_now_is_tried_again_and_then_given_up()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var gateway = await WebhookReceiver.StartAsync();
        var tries = new ConcurrentDictionary<string, int>();
        gateway.Answer = context =>
        {
            var address = JsonDocument.Parse(gateway.Calls.Last(call => call.Headers["webhook-id"] == context.Request.Headers["webhook-id"]).Body)
                .RootElement.GetProperty("data").GetProperty("address").GetString()!;
            var count = tries.AddOrUpdate(address, 1, (_, before) => before + 1);
            context.Response.StatusCode = address switch { "+4917000001" => 423, "+4917000002" when count == 1 => 423, "+4917000003" => 422, _ => 204 };
            return Task.CompletedTask;
        };
        await using var host = await StartAsync(database, [.. Gateway(gateway), ("Campaigns:RetryDelay", "00:00:00.2")]);
        await ContactsAsync(database, Acme, 5);
        var campaign = await CampaignAsync(database, "whatsapp", """{"all": true}""");

        var status = await database.WaitForAsync(Acme, await SendAsync(database, campaign), JobStates.Succeeded);

        Assert.Equal("sent|5|3|2|t", await CountersAsync(database, campaign));
        Assert.Equal((3, 2, 1, 1), (tries["+4917000001"], tries["+4917000002"], tries["+4917000003"], tries["+4917000004"]));
        Assert.Equal(1, status.Attempts);
    }

    [Theory]
    [InlineData("email", "E-mail isn't configured: Email:Host is not set.")]
    [InlineData("sms", "The channel isn't configured: Campaigns:WebhookUrl is not set.")]
    public async Task Channel_that_is_not_configured_pauses_the_campaign(string channel, string error)
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await StartAsync(database);
        await ContactsAsync(database, Acme, 1);
        var campaign = await CampaignAsync(database, channel, """{"all": true}""");

        var status = await database.WaitForAsync(Acme, await SendAsync(database, campaign), JobStates.Dead);

        Assert.Equal(error, status.Error);
        Assert.StartsWith("paused|", await CountersAsync(database, campaign), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Suspended_tenant_sends_nothing_more()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var gateway = await WebhookReceiver.StartAsync();
        await using var host = await StartAsync(database, [.. Gateway(gateway), ("Campaigns:MessagesPerSecond", "50")]);
        await ContactsAsync(database, Acme, 100);
        var campaign = await CampaignAsync(database, "sms", """{"all": true}""");

        var job = await SendAsync(database, campaign);
        await Eventually.TrueAsync(() => gateway.Calls.Count >= 3);
        await database.ScalarAsync<Guid>("UPDATE tenants SET suspended_at = now() WHERE id = $1 RETURNING id", Acme.Value);
        var status = await database.WaitForAsync(Acme, job, JobStates.Dead);

        Assert.Equal("The tenant is suspended.", status.Error);
        Assert.Equal($"paused|100|{gateway.Calls.Count}|0|f", await CountersAsync(database, campaign));
    }

    [Fact]
    public async Task Campaign_sends_no_more_than_the_plan_allows_in_a_month()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var gateway = await WebhookReceiver.StartAsync();
        await using var host = await StartAsync(database, Gateway(gateway));
        await ContactsAsync(database, Acme, 10);
        await database.ScalarAsync<string>("UPDATE plans SET monthly_messages = $1 WHERE name = 'pro' RETURNING name", 4 + (int)await UsedAsync(database));
        var campaign = await CampaignAsync(database, "sms", """{"all": true}""");

        var status = await database.WaitForAsync(Acme, await SendAsync(database, campaign), JobStates.Dead);

        Assert.Equal("The plan's messages of this month are used up.", status.Error);
        Assert.Equal("paused|10|4|0|f", await CountersAsync(database, campaign));
        Assert.Equal(4, gateway.Calls.Count);

        await database.ScalarAsync<string>("UPDATE plans SET monthly_messages = NULL WHERE name = 'pro' RETURNING name");
        await SetStatusAsync(database, campaign, CampaignStatus.Sending);
        var before = await UsedAsync(database);
        await database.WaitForAsync(Acme, await SendAsync(database, campaign), JobStates.Succeeded);
        Assert.Equal(before + 6, await UsedAsync(database));
    }

    [Fact]
    public async Task Channel_that_is_down_is_waited_for()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var gateway = await WebhookReceiver.StartAsync();
        gateway.Answer = context =>
        {
            context.Response.StatusCode = gateway.Calls.Count == 1 ? 503 : 204;
            return Task.CompletedTask;
        };
        await using var host = await StartAsync(database, Gateway(gateway));
        await ContactsAsync(database, Acme, 3);
        var campaign = await CampaignAsync(database, "sms", """{"all": true}""");

        var status = await database.WaitForAsync(Acme, await SendAsync(database, campaign), JobStates.Succeeded);

        Assert.Equal("sent|3|3|0|t", await CountersAsync(database, campaign));
        Assert.Equal((2, 4), (status.Attempts, gateway.Calls.Count));
        Assert.Equal("The gateway answered 503.", await database.ScalarAsync<string>("SELECT error FROM jobs.attempts"));
    }
}
