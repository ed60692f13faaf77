using Npgsql;
using NpgsqlTypes;
using Platform.Data;
using Platform.Data.Billing;
using Platform.Data.Campaigns;
using Platform.Data.Validation;
using Platform.Worker.Events;

namespace Platform.Worker.Campaigns;

/// <summary>A campaign's way from one state to the next, and its recipients'; everything in the current tenant.</summary>
internal sealed class CampaignStore(PlatformDb db, TenantNotices notices)
{
    public const string Suspended = "suspended";

    /// <summary>The plan's messages of this month are used up.</summary>
    public const string Exhausted = "exhausted";

    /// <summary>Begins, once it is time; whoever was being sent to as an earlier run died is sent to again.</summary>
    /// <returns>Null when there is no such campaign.</returns>
    public async Task<RunningCampaign?> StartAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        // Index: campaigns_pkey.
        await using var begin = transaction.CreateTenantCommand(
            """
            UPDATE campaigns
            SET status = 'sending', started_at = COALESCE(started_at, now()), updated_at = now(), version = version + 1
            WHERE tenant_id = $1 AND id = $2 AND status = 'scheduled' AND scheduled_at <= clock_timestamp()
            """,
            id);
        var hasBegun = await begin.ExecuteNonQueryAsync(cancellationToken) == 1;
        // Index: campaign_recipients_state_idx.
        await using var again = transaction.CreateTenantCommand(
            "UPDATE campaign_recipients SET state = 'pending' WHERE tenant_id = $1 AND campaign_id = $2 AND state = 'sending'",
            id);
        await again.ExecuteNonQueryAsync(cancellationToken);
        await using var select = transaction.CreateTenantCommand(
            """
            SELECT name, status, channel, subject, body, audience, gathered_at IS NOT NULL, recipients, sent + failed,
                CASE WHEN status = 'scheduled' THEN greatest(scheduled_at - clock_timestamp(), interval '0') ELSE interval '0' END
            FROM campaigns WHERE tenant_id = $1 AND id = $2
            """,
            id);
        RunningCampaign? campaign = null;
        await using (var row = await select.ExecuteReaderAsync(cancellationToken))
        {
            if (await row.ReadAsync(cancellationToken))
            {
                campaign = new RunningCampaign(
                    id, row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4),
                    CampaignAudience.Parse(row.GetString(5)), row.GetBoolean(6), row.GetInt32(7), row.GetInt32(8), row.GetTimeSpan(9));
            }
        }
        if (hasBegun)
        {
            await Usage.CountAsync(transaction, UsageMetrics.Campaigns, cancellationToken);
            notices.Tell(transaction, "campaign.started", new { id, campaign!.Name, campaign.Status });
        }
        await transaction.CommitAsync(cancellationToken);
        return campaign;
    }

    /// <summary>Where gathering recipients goes on: behind the last one there is.</summary>
    public async Task<Guid> LastGatheredAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        // Index: campaign_recipients_pkey, backwards.
        await using var command = transaction.CreateTenantCommand(
            "SELECT contact_id FROM campaign_recipients WHERE tenant_id = $1 AND campaign_id = $2 ORDER BY contact_id DESC LIMIT 1",
            id);
        return await command.ExecuteScalarAsync(cancellationToken) as Guid? ?? Guid.Empty;
    }

    /// <summary>
    /// Makes recipients of the next contacts, in order of their ids, of those there were when the campaign began. The address is what the
    /// channel needs; who has none isn't a recipient, nor is who has opted out.
    /// </summary>
    /// <returns>The last contact looked at, null when there are no more; and the recipients so far, null when the campaign has been stopped.</returns>
    public async Task<(Guid? Last, int? Recipients)> GatherAsync(
        RunningCampaign campaign, Guid after, int batch, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        // Indexes: campaigns_pkey, contacts_pkey in order, campaign_opt_outs_contact_idx, campaign_opt_outs_address_key;
        // campaign_recipients_pkey is appended to.
        await using var command = transaction.CreateTenantCommand(
            """
            WITH page AS MATERIALIZED (
                SELECT c.id, c.search, CASE $4 WHEN 'email' THEN c.email WHEN 'web' THEN COALESCE(c.email, c.phone) ELSE c.phone END AS address,
                    CASE $4 WHEN 'email' THEN c.email_key WHEN 'web' THEN COALESCE(c.email_key, c.phone) ELSE c.phone END AS address_key
                FROM contacts c
                WHERE c.tenant_id = $1 AND c.id > $3 AND ($7::uuid[] IS NULL OR c.id = ANY ($7))
                  AND c.created_at <= (SELECT started_at FROM campaigns WHERE tenant_id = $1 AND id = $2)
                ORDER BY c.id
                LIMIT $5
                FOR KEY SHARE
            ), added AS (
                INSERT INTO campaign_recipients (tenant_id, campaign_id, contact_id, address)
                SELECT $1, $2, id, address FROM page
                WHERE address IS NOT NULL AND ($6::text IS NULL OR search LIKE $6)
                  AND NOT EXISTS (SELECT FROM campaign_opt_outs o WHERE o.tenant_id = $1 AND o.contact_id = page.id)
                  AND NOT EXISTS (SELECT FROM campaign_opt_outs o WHERE o.tenant_id = $1 AND o.address_key = page.address_key)
                ON CONFLICT DO NOTHING
                RETURNING contact_id
            )
            UPDATE campaigns
            SET recipients = recipients + (SELECT count(*) FROM added)::int, updated_at = now(), version = version + 1,
                gathered_at = CASE WHEN NOT EXISTS (SELECT FROM page) THEN now() END
            WHERE tenant_id = $1 AND id = $2 AND status = 'sending'
            RETURNING recipients, (SELECT id FROM page ORDER BY id DESC LIMIT 1)
            """,
            campaign.Id, after, campaign.Channel, batch);
        command.Parameters.AddNullable(NpgsqlDbType.Text, campaign.Audience.Search is { } search ? LikePattern.Containing(search) : null);
        command.Parameters.AddNullable(NpgsqlDbType.Array | NpgsqlDbType.Uuid, campaign.Audience.ContactIds?.ToArray());
        (Guid?, int?) result = (null, null);
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (await row.ReadAsync(cancellationToken))
                result = (row.IsDBNull(1) ? null : row.GetGuid(1), row.GetInt32(0));
        }
        if (result.Item2 is not null) // Else nothing of it stays.
            await transaction.CommitAsync(cancellationToken);
        return result;
    }

    /// <summary>The next ones to send to, in order of their ids.</summary>
    /// <param name="rest">How long who couldn't be reached is left alone.</param>
    public async Task<List<Recipient>> PendingAsync(Guid id, Guid after, int count, TimeSpan rest, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        // Indexes: campaign_recipients_state_idx, contacts_pkey.
        await using var command = transaction.CreateTenantCommand(
            """
            SELECT r.contact_id, r.address, c.name, c.email, c.phone
            FROM campaign_recipients r JOIN contacts c ON c.tenant_id = r.tenant_id AND c.id = r.contact_id
            WHERE r.tenant_id = $1 AND r.campaign_id = $2 AND r.state = 'pending' AND r.contact_id > $3
              AND (r.attempts = 0 OR r.updated_at <= now() - $5)
            ORDER BY r.contact_id
            LIMIT $4
            """,
            id, after, count, rest);
        var recipients = new List<Recipient>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            recipients.Add(new Recipient(
                row.GetGuid(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4)));
        }
        return recipients;
    }

    /// <summary>Marks a recipient as being sent to, or as skipped who has opted out since recipients were gathered.</summary>
    /// <returns>
    /// Whether it is sent to: not if the contact was deleted or has opted out; and the campaign's status, <see cref="Suspended"/> or <see cref="Exhausted"/>: only one that is
    /// being sent, of a tenant that isn't suspended and may send, takes any.
    /// </returns>
    public async Task<(bool IsTaken, string? Status)> TakeAsync(Guid id, Guid contact, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        // Indexes: campaigns_pkey, tenants_pkey, plans_pkey, usage_counters_pkey, campaign_recipients_pkey, campaign_opt_outs_contact_idx, campaign_opt_outs_address_key.
        await using var command = transaction.CreateTenantCommand(
            """
            WITH standing AS MATERIALIZED (
                SELECT CASE WHEN t.suspended_at IS NOT NULL THEN 'suspended' WHEN c.status <> 'sending' THEN c.status
                            WHEN u.value >= p.monthly_messages THEN 'exhausted' ELSE c.status END AS status
                FROM campaigns c JOIN tenants t ON t.id = c.tenant_id JOIN plans p ON p.name = t.plan
                LEFT JOIN usage_counters u
                    ON u.tenant_id = $1 AND u.metric = 'messages' AND u.period = date_trunc('month', now() AT TIME ZONE 'UTC')::date
                WHERE c.tenant_id = $1 AND c.id = $2
            ), recipient AS MATERIALIZED (
                SELECT lower(address) AS address_key FROM campaign_recipients WHERE tenant_id = $1 AND campaign_id = $2 AND contact_id = $3
            ), opted_out AS MATERIALIZED (
                SELECT FROM campaign_opt_outs WHERE tenant_id = $1 AND contact_id = $3
                UNION ALL
                SELECT FROM recipient r JOIN campaign_opt_outs o ON o.tenant_id = $1 AND o.address_key = r.address_key
            ), taken AS (
                UPDATE campaign_recipients
                SET state = CASE WHEN EXISTS (SELECT FROM opted_out) THEN 'skipped' ELSE 'sending' END,
                    error = CASE WHEN EXISTS (SELECT FROM opted_out) THEN 'The recipient wants no campaigns.' END, updated_at = now()
                WHERE tenant_id = $1 AND campaign_id = $2 AND contact_id = $3 AND state = 'pending'
                  AND EXISTS (SELECT FROM standing WHERE status = 'sending')
                RETURNING state
            )
            SELECT EXISTS (SELECT FROM taken WHERE state = 'sending'), (SELECT status FROM standing)
            """,
            id, contact);
        (bool, string?) result;
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
        {
            await row.ReadAsync(cancellationToken);
            result = (row.GetBoolean(0), row.IsDBNull(1) ? null : row.GetString(1));
        }
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    /// <summary>Records what became of a recipient, and counts it.</summary>
    /// <param name="maxAttempts">With so many, a recipient who can't be reached for now is given up.</param>
    /// <param name="show">Whether the campaign's version moves and its tenant's users are told.</param>
    public async Task RecordAsync(
        Guid id, CampaignMessage message, SendResult result, int maxAttempts, bool show, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        // Indexes: campaign_recipients_pkey, campaigns_pkey, usage_counters_pkey.
        await using var command = transaction.CreateTenantCommand(
            """
            WITH done AS (
                UPDATE campaign_recipients
                SET state = CASE WHEN $4 THEN 'sent' WHEN $5 AND attempts + 1 < $6 THEN 'pending' ELSE 'failed' END, attempts = attempts + 1,
                    external_id = $7, error = $9, sent_at = CASE WHEN $4 THEN now() END, updated_at = now()
                WHERE tenant_id = $1 AND campaign_id = $2 AND contact_id = $3 AND state = 'sending'
                RETURNING state
            ), counted AS (
                INSERT INTO usage_counters AS c (tenant_id, metric, period, value)
                SELECT $1, 'messages', date_trunc('month', now() AT TIME ZONE 'UTC')::date, 1 FROM done WHERE state = 'sent'
                ON CONFLICT (tenant_id, metric, period) DO UPDATE SET value = c.value + 1
            )
            UPDATE campaigns
            SET sent = sent + (SELECT count(*) FROM done WHERE state = 'sent')::int,
                failed = failed + (SELECT count(*) FROM done WHERE state = 'failed')::int,
                updated_at = now(), version = version + CASE WHEN $8 THEN 1 ELSE 0 END
            WHERE tenant_id = $1 AND id = $2
            RETURNING status, recipients, sent, failed
            """,
            id, message.ContactId, result.IsSent, result.MayBeTriedAgain, maxAttempts, message.Id, show);
        command.Parameters.AddNullable(NpgsqlDbType.Text, result.Error);
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (await row.ReadAsync(cancellationToken) && show)
            {
                notices.Show(transaction, "campaign.progress", new
                {
                    id, status = row.GetString(0), recipients = row.GetInt32(1), sent = row.GetInt32(2), failed = row.GetInt32(3),
                });
            }
        }
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Ends the campaign as sent, if nobody is left.</summary>
    /// <returns>Whether somebody is.</returns>
    public async Task<bool> FinishAsync(RunningCampaign campaign, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        // Index: campaign_recipients_state_idx.
        await using var left = transaction.CreateTenantCommand(
            """
            SELECT EXISTS (SELECT FROM campaign_recipients
                           WHERE tenant_id = $1 AND campaign_id = $2 AND state IN ('pending', 'sending'))
            """,
            campaign.Id);
        if ((bool)(await left.ExecuteScalarAsync(cancellationToken))!)
            return true;
        await MoveAsync(transaction, campaign, CampaignStatus.Sent, null, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return false;
    }

    /// <summary>Pauses a campaign that can't go on by itself; it can be resumed.</summary>
    public async Task PauseAsync(RunningCampaign campaign, string reason, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        await MoveAsync(transaction, campaign, CampaignStatus.Paused, reason, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task MoveAsync(
        TenantTransaction transaction, RunningCampaign campaign, string status, string? reason, CancellationToken cancellationToken)
    {
        // Index: campaigns_pkey.
        await using var command = transaction.CreateTenantCommand(
            """
            UPDATE campaigns
            SET status = $3, finished_at = CASE WHEN $3 = 'sent' THEN now() END, updated_at = now(), version = version + 1
            WHERE tenant_id = $1 AND id = $2 AND status = 'sending'
            RETURNING recipients, sent, failed
            """,
            campaign.Id, status);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (await row.ReadAsync(cancellationToken))
        {
            notices.Tell(transaction, $"campaign.{status}", new
            {
                campaign.Id, campaign.Name, status, reason, recipients = row.GetInt32(0), sent = row.GetInt32(1), failed = row.GetInt32(2),
            });
        }
    }
}
