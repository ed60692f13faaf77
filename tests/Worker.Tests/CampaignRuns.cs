using System.Globalization;
using Platform.Data.Campaigns;
using Platform.Data.Webhooks;
using Platform.Jobs;
using Platform.Tenancy;
using Platform.Worker.Campaigns;
using Platform.Worker.Email;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

/// <summary>What tests of sending campaigns need.</summary>
internal static class CampaignRuns
{
    public static readonly string Secret = WebhookSecrets.Create();

    public static Task<long> UsedAsync(WorkerDatabase database) => database.ScalarAsync<long>(
        "SELECT value FROM usage_counters WHERE tenant_id = $1 AND metric = 'messages' AND period = date_trunc('month', now() AT TIME ZONE 'UTC')::date",
        Acme.Value);

    public static Task<Guid> OptOutAsync(WorkerDatabase database, string email, string address, bool byContact) => database.ScalarAsync<Guid>(
        """
        INSERT INTO campaign_opt_outs (tenant_id, id, address_key, contact_id, campaign_id)
        SELECT tenant_id, uuidv7(), lower($2), CASE WHEN $3 THEN id ELSE uuidv7() END, uuidv7() FROM contacts WHERE email = $1 RETURNING id
        """,
        email, address, byContact);

    public static Task<PlatformHost> StartAsync(WorkerDatabase database, params (string, string?)[] settings) => PlatformHost.StartAsync(
        database,
        builder =>
        {
            builder.AddEmail();
            builder.AddCampaigns();
        },
        null,
        [.. settings.Append(("Campaigns:MessagesPerSecond", "1000")).DistinctBy(setting => setting.Item1)]);

    public static (string, string?)[] Gateway(WebhookReceiver gateway) =>
        [("Campaigns:WebhookUrl", gateway.Url), ("Campaigns:WebhookSecret", Secret)];

    public static Task<int> ContactsAsync(WorkerDatabase database, TenantId tenant, int count) => database.ScalarAsync<int>(
        """
        WITH made AS (
            INSERT INTO contacts (tenant_id, id, name, email, phone)
            SELECT $1, uuidv7(), 'Contact ' || n, 'c' || n || '@acme.example', '+4917' || lpad(n::text, 6, '0') FROM generate_series(1, $2) n
            RETURNING id)
        SELECT count(*)::int FROM made
        """,
        tenant.Value, count);

    public static Task<Guid> CampaignAsync(WorkerDatabase database, string channel, string audience) => database.ScalarAsync<Guid>(
        """
        INSERT INTO campaigns (tenant_id, id, name, channel, subject, body, status, audience, scheduled_at)
        VALUES ($1, uuidv7(), 'News', $2, 'News for {{name}}', 'Hello {{name}}', 'scheduled', $3::jsonb, now()) RETURNING id
        """,
        Acme.Value, channel, audience);

    public static Task<Guid> SendAsync(WorkerDatabase database, Guid campaign) =>
        database.EnqueueAsync(Acme, new SendCampaign(campaign), new JobOptions { Lane = SendCampaign.Lane(campaign) });

    public static Task<string> CountersAsync(WorkerDatabase database, Guid campaign) => database.ScalarAsync<string>(
        "SELECT concat_ws('|', status, recipients, sent, failed, finished_at IS NOT NULL) FROM campaigns WHERE id = $1", campaign);

    public static Task<string> SetStatusAsync(WorkerDatabase database, Guid campaign, string status) => database.ScalarAsync<string>(
        string.Create(CultureInfo.InvariantCulture, $"UPDATE campaigns SET status = '{status}' WHERE id = $1 RETURNING status"), campaign);
}
