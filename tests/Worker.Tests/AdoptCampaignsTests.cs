using Platform.Data.Campaigns;
using Platform.Jobs;
using Platform.Testing;
using Platform.Worker.Campaigns;
using Platform.Worker.Email;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

[Trait("Req", "F9")]
public sealed class AdoptCampaignsTests
{
    [Fact]
    public async Task Scheduled_campaign_without_a_job_gets_one_for_its_time_once()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        var campaign = await CampaignAsync(database, "scheduled", "2 days");
        var others = new[] { await CampaignAsync(database, "draft", "2 days"), await CampaignAsync(database, "paused", "2 days") };
        await using var host = await StartAsync(database);

        await RunAsync(database, host);
        await RunAsync(database, host);

        Assert.Equal("1|t|t", await database.ScalarAsync<string>(
            """
            SELECT concat_ws('|', count(*), bool_and(j.id = c.job_id),
                bool_and(p.run_at BETWEEN c.scheduled_at - interval '5 s' AND c.scheduled_at + interval '5 s'))
            FROM campaigns c JOIN jobs.job j ON j.type = 'campaigns.send' AND j.lane = $2 JOIN jobs.pending p ON p.id = j.id
            WHERE c.id = $1
            """,
            campaign, SendCampaign.Lane(campaign)));
        // The demo data's own is scheduled, too.
        Assert.Equal(0L, await database.ScalarAsync<long>(
            "SELECT count(*) FROM campaigns c WHERE c.status = 'scheduled' AND NOT EXISTS (SELECT FROM jobs.job j WHERE j.id = c.job_id)"));
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM campaigns WHERE id = ANY ($1) AND job_id IS NULL", others));
    }

    [Fact]
    public async Task Campaign_whose_time_is_long_over_is_paused_and_one_that_had_begun_goes_on()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        var (late, begun) = (await CampaignAsync(database, "scheduled", "-3 days"), await CampaignAsync(database, "sending", "-3 days"));
        await using var host = await StartAsync(database);

        await RunAsync(database, host);

        Assert.Equal("paused|t", await database.ScalarAsync<string>("SELECT concat_ws('|', status, job_id IS NULL) FROM campaigns WHERE id = $1", late));
        Assert.Contains(host.Events, e => e.Event.Type == "campaign.paused");
        // There is nobody to send to.
        await Eventually.TrueAsync(async () => await database.ScalarAsync<string>("SELECT status FROM campaigns WHERE id = $1", begun) != "sending");
    }

    private static Task<PlatformHost> StartAsync(WorkerDatabase database) => PlatformHost.StartAsync(
        database,
        builder =>
        {
            builder.AddEmail();
            builder.AddCampaigns();
        },
        null, ("Email:Host", "127.0.0.1"), ("Email:From", "no-reply@acme.example"));

    private static async Task RunAsync(WorkerDatabase database, PlatformHost host) =>
        await database.WaitForAsync(Tenancy.PlatformTenant.Id, await host.EnqueueAsync(new AdoptCampaigns()), JobStates.Succeeded);

    private static Task<Guid> CampaignAsync(WorkerDatabase database, string status, string begins) => database.ScalarAsync<Guid>(
        """
        INSERT INTO campaigns (tenant_id, id, name, channel, body, status, audience, scheduled_at, started_at)
        VALUES ($1, uuidv7(), 'Old', 'email', 'Hello', $2, '{"all": true}', now() + $3::interval, CASE WHEN $2 = 'sending' THEN now() - interval '3 days' END)
        RETURNING id
        """,
        Acme.Value, status, begins);
}
