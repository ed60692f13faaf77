using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Platform.Data.Campaigns;
using Platform.Data.Security;
using Platform.Jobs;
using static Platform.Worker.Tests.CampaignRuns;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

[Trait("Req", "F9")]
public sealed class CampaignTests
{
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
}
