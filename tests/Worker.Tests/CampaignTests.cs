using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.Data.Campaigns;
using Platform.Data.Security;
using Platform.Data.Webhooks;
using Platform.Jobs;
using Platform.Tenancy;
using Platform.Testing;
using Platform.Worker.Campaigns;
using Platform.Worker.Email;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

[Trait("Req", "F9")]
public sealed class CampaignTests
{
    private static readonly string Secret = WebhookSecrets.Create();

    [Fact]
    public async Task Email_campaign_reaches_everybody_with_an_address_and_is_sent()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var server = new FakeSmtpServer { Answer = command => command.StartsWith("RCPT TO:<c2@", StringComparison.Ordinal) ? "550 5.1.1 No" : null };
        await using var host = await StartAsync(
            database, ("Email:Host", "127.0.0.1"), ("Email:Port", $"{server.Port}"), ("Email:Security", "None"), ("Email:From", "no-reply@acme.example"));
        await ContactsAsync(database, Acme, 5);
        await ContactsAsync(database, Globex, 2);
        await database.ScalarAsync<Guid>("INSERT INTO contacts (tenant_id, id, name, phone) VALUES ($1, uuidv7(), 'Phone', '+4916000001') RETURNING id", Acme.Value);
        var campaign = await CampaignAsync(database, "email", """{"all": true}""");

        var job = await SendAsync(database, campaign);
        var status = await database.WaitForAsync(Acme, job, JobStates.Succeeded);

        Assert.Equal((5L, 5L), (status.Progress.Done, status.Progress.Total));
        Assert.Equal("sent|5|4|1|t", await CountersAsync(database, campaign));
        Assert.Equal(
            ["c1@acme.example", "c3@acme.example", "c4@acme.example", "c5@acme.example"],
            server.Messages.Select(message => message.Split("<c", 2)[1].Split('>')[0]).Select(rest => $"c{rest}").Order());
        Assert.All(server.Messages, message => Assert.Contains(
            "Hello Contact ", Encoding.UTF8.GetString(Convert.FromBase64String(message.Split("\r\n\r\n", 2)[1])), StringComparison.Ordinal));
        Assert.Equal("The mail server refused the recipient (550 5.1.1).", await database.ScalarAsync<string>(
            "SELECT error FROM campaign_recipients WHERE state = 'failed' AND address = 'c2@acme.example'"));
        Assert.Single(server.Commands, command => command.StartsWith("EHLO", StringComparison.Ordinal));
        Assert.Equal(["campaign.started", "campaign.sent"], host.Events.Select(e => e.Event.Type).Where(type => type.StartsWith("campaign", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("""{"search": "contact 1"}""", "c1,c10,c11,c12")]
    [InlineData("""{"search": "100%"}""", "")]
    [InlineData("""{"contactIds": ["{c3}", "{c7}", "00000000-0000-0000-0000-000000000001"]}""", "c3,c7")]
    public async Task Audience_is_gathered_in_batches_whatever_it_is(string audience, string expected)
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var gateway = await WebhookReceiver.StartAsync();
        await using var host = await StartAsync(database, [.. Gateway(gateway), ("Campaigns:GatherBatch", "3")]);
        await ContactsAsync(database, Acme, 12);
        foreach (var name in new[] { "c3", "c7" })
        {
            var id = await database.ScalarAsync<Guid>("SELECT id FROM contacts WHERE email = $1", $"{name}@acme.example");
            audience = audience.Replace($"{{{name}}}", id.ToString(), StringComparison.Ordinal);
        }
        var campaign = await CampaignAsync(database, "web", audience);

        await database.WaitForAsync(Acme, await SendAsync(database, campaign), JobStates.Succeeded);

        Assert.Equal(expected, await database.ScalarAsync<string>(
            "SELECT COALESCE(string_agg(split_part(address, '@', 1), ',' ORDER BY split_part(address, '@', 1)), '') FROM campaign_recipients WHERE state = 'sent'"));
        Assert.StartsWith("sent|", await CountersAsync(database, campaign), StringComparison.Ordinal);
    }

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
            ("Campaigns__AdoptSchedule", ""),
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

    [Fact]
    public async Task Messages_are_paced_and_a_campaign_waits_for_its_time()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var gateway = await WebhookReceiver.StartAsync();
        await using var host = await StartAsync(
            database, [.. Gateway(gateway), ("Campaigns:MessagesPerSecond", "20"), ("Campaigns:Slice", "00:00:00.3")]);
        await ContactsAsync(database, Acme, 21);
        var campaign = await CampaignAsync(database, "sms", """{"all": true}""");
        await database.ScalarAsync<Guid>("UPDATE campaigns SET scheduled_at = now() + interval '1 s' WHERE id = $1 RETURNING id", campaign);

        var clock = Stopwatch.StartNew();
        var status = await database.WaitForAsync(Acme, await SendAsync(database, campaign), JobStates.Succeeded);

        // One second until it begins, then 20 gaps of 50 ms.
        Assert.True(clock.Elapsed >= TimeSpan.FromSeconds(1.9), $"It took {clock.Elapsed}.");
        Assert.Equal(21, gateway.Calls.Count);
        Assert.Equal(1, status.Attempts);
        Assert.True(await database.ScalarAsync<bool>("SELECT started_at >= scheduled_at FROM campaigns WHERE id = $1", campaign));
    }

    [Fact]
    public async Task Who_has_opted_out_is_left_out_and_who_does_so_meanwhile_is_skipped()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var gateway = await WebhookReceiver.StartAsync();
        await ContactsAsync(database, Acme, 5);
        gateway.Answer = async context =>
        {
            context.Response.StatusCode = 204;
            if (gateway.Calls.Count == 1)
                await OptOutAsync(database, "c5@acme.example", "C5@acme.example", byContact: false);
        };
        await OptOutAsync(database, "c2@acme.example", "c2@acme.example", byContact: false);
        await OptOutAsync(database, "c3@acme.example", "another@acme.example", byContact: true);
        await using var host = await StartAsync(database, Gateway(gateway));
        var campaign = await CampaignAsync(database, "web", """{"all": true}""");

        await database.WaitForAsync(Acme, await SendAsync(database, campaign), JobStates.Succeeded);

        Assert.Equal("sent|3|2|0|t", await CountersAsync(database, campaign));
        Assert.Equal("c1 sent,c4 sent,c5 skipped", await database.ScalarAsync<string>(
            "SELECT string_agg(split_part(address, '@', 1) || ' ' || state, ',' ORDER BY address) FROM campaign_recipients"));
    }

    [Fact]
    public async Task Email_carries_the_link_to_opt_out_as_rfc_8058_says()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var server = new FakeSmtpServer();
        await using var host = await StartAsync(
            database, ("Email:Host", "127.0.0.1"), ("Email:Port", $"{server.Port}"), ("Email:Security", "None"), ("Email:From", "no-reply@acme.example"),
            ("Campaigns:PublicUrl", "https://api.acme.example/"));
        await ContactsAsync(database, Acme, 1);
        var campaign = await CampaignAsync(database, "email", """{"all": true}""");
        await database.ScalarAsync<Guid>("UPDATE campaigns SET body = 'No more: {{unsubscribe}}' WHERE id = $1 RETURNING id", campaign);

        await database.WaitForAsync(Acme, await SendAsync(database, campaign), JobStates.Succeeded);

        var parts = Assert.Single(server.Messages).Split("\r\n\r\n", 2);
        var headers = parts[0].Split("\r\n");
        Assert.Single(headers, header => header == "List-Unsubscribe-Post: List-Unsubscribe=One-Click");
        var url = Assert.Single(headers, header => header.StartsWith("List-Unsubscribe: <", StringComparison.Ordinal))["List-Unsubscribe: <".Length..^1];
        Assert.All(headers, header => Assert.InRange(header.Length, 1, 998));
        Assert.StartsWith("https://api.acme.example/api/campaigns/unsubscribe?token=", url, StringComparison.Ordinal);
        Assert.Equal($"No more: {url}", Encoding.UTF8.GetString(Convert.FromBase64String(parts[1])));
        var link = OptOutLink.Read(host.Services.GetRequiredService<SecretProtector>(), url.Split('=', 2)[1]);
        Assert.Equal(
            new OptOutLink(Acme, campaign, await database.ScalarAsync<Guid>("SELECT id FROM contacts WHERE email = 'c1@acme.example'"), "c1@acme.example"),
            link);
    }

    private static Task<long> UsedAsync(WorkerDatabase database) => database.ScalarAsync<long>(
        "SELECT value FROM usage_counters WHERE tenant_id = $1 AND metric = 'messages' AND period = date_trunc('month', now() AT TIME ZONE 'UTC')::date",
        Acme.Value);

    private static Task<Guid> OptOutAsync(WorkerDatabase database, string email, string address, bool byContact) => database.ScalarAsync<Guid>(
        """
        INSERT INTO campaign_opt_outs (tenant_id, id, address_key, contact_id, campaign_id)
        SELECT tenant_id, uuidv7(), lower($2), CASE WHEN $3 THEN id ELSE uuidv7() END, uuidv7() FROM contacts WHERE email = $1 RETURNING id
        """,
        email, address, byContact);

    private static Task<PlatformHost> StartAsync(WorkerDatabase database, params (string, string?)[] settings) => PlatformHost.StartAsync(
        database,
        builder =>
        {
            builder.AddEmail();
            builder.AddCampaigns();
        },
        null,
        // Here jobs are enqueued by hand, so campaigns seem to have none.
        [.. settings.Append(("Campaigns:MessagesPerSecond", "1000")).Append(("Campaigns:AdoptSchedule", "")).DistinctBy(setting => setting.Item1)]);

    private static (string, string?)[] Gateway(WebhookReceiver gateway) =>
        [("Campaigns:WebhookUrl", gateway.Url), ("Campaigns:WebhookSecret", Secret)];

    private static Task<int> ContactsAsync(WorkerDatabase database, TenantId tenant, int count) => database.ScalarAsync<int>(
        """
        WITH made AS (
            INSERT INTO contacts (tenant_id, id, name, email, phone)
            SELECT $1, uuidv7(), 'Contact ' || n, 'c' || n || '@acme.example', '+4917' || lpad(n::text, 6, '0') FROM generate_series(1, $2) n
            RETURNING id)
        SELECT count(*)::int FROM made
        """,
        tenant.Value, count);

    private static Task<Guid> CampaignAsync(WorkerDatabase database, string channel, string audience) => database.ScalarAsync<Guid>(
        """
        INSERT INTO campaigns (tenant_id, id, name, channel, subject, body, status, audience, scheduled_at)
        VALUES ($1, uuidv7(), 'News', $2, 'News for {{name}}', 'Hello {{name}}', 'scheduled', $3::jsonb, now()) RETURNING id
        """,
        Acme.Value, channel, audience);

    private static Task<Guid> SendAsync(WorkerDatabase database, Guid campaign) =>
        database.EnqueueAsync(Acme, new SendCampaign(campaign), new JobOptions { Lane = SendCampaign.Lane(campaign) });

    private static Task<string> CountersAsync(WorkerDatabase database, Guid campaign) => database.ScalarAsync<string>(
        "SELECT concat_ws('|', status, recipients, sent, failed, finished_at IS NOT NULL) FROM campaigns WHERE id = $1", campaign);

    private static Task<string> SetStatusAsync(WorkerDatabase database, Guid campaign, string status) => database.ScalarAsync<string>(
        string.Create(CultureInfo.InvariantCulture, $"UPDATE campaigns SET status = '{status}' WHERE id = $1 RETURNING status"), campaign);
}
