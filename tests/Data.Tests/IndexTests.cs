using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Data.Auditing;
using Platform.Data.Billing;
using Platform.Data.Campaigns;
using Platform.Data.Conversations;
using Platform.Data.Teams;
using Platform.Data.Webhooks;
using Platform.Testing;

namespace Platform.Data.Tests;

/// <summary>Every list and detail, as EF Core writes it, under row-level security: which index the planner takes.</summary>
[Trait("Req", "D9")]
public sealed class IndexTests(VolumeDatabase volume) : IClassFixture<VolumeDatabase>
{
    private static readonly DateTimeOffset Place = DateTimeOffset.UtcNow.AddHours(-1);

    public static TheoryData<string, string> Lists => new()
    {
        { "contacts", "contacts_created_idx" },
        { "conversations", "conversations_updated_idx" },
        { "conversations by status", "conversations_status_idx" },
        { "conversations of a channel", "conversations_channel_idx" },
        { "conversations of an agent", "conversations_agent_idx" },
        { "conversations of a team", "conversations_team_idx" },
        { "conversations of a contact", "conversations_contact_idx" },
        { "messages", "messages_conversation_idx" },
        { "message by external id", "messages_external_key" },
        { "contact by phone", "contacts_phone_key" },
        { "campaigns", "campaigns_created_idx" },
        { "campaigns by status", "campaigns_status_idx" },
        { "opt-outs", "campaign_opt_outs_created_idx" },
        { "recipients to send to", "campaign_recipients_state_idx" },
        { "professionals", "professionals_created_idx" },
        { "professionals by name", "professionals_name_idx" },
        { "events", "events_starts_idx" },
        { "events by status", "events_status_idx" },
        { "events of a professional", "events_professional_idx" },
        { "notifications", "notifications_user_idx" },
        { "unread notifications", "notifications_read_idx" },
        { "reports", "reports_created_idx" },
        { "reports by status", "reports_status_idx" },
        { "invoices", "invoices_issued_idx" },
        { "audit", "audit_log_at_idx" },
        { "webhook events", "webhook_events_received_idx" },
        { "failed calls of a source", "webhook_events_unfinished_idx" },
        { "deliveries that arrived", "webhook_deliveries_delivered_idx" },
        { "deliveries of an endpoint", "webhook_deliveries_endpoint_idx" },
        { "conversation", "conversations_pkey" },
        { "event", "events_pkey" },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task Query_under_row_security_uses_its_index(string query, string index)
    {
        await using var pool = volume.Database.CreateAppPool();
        await using var db = PlatformDatabase.CreateContext(pool, VolumeDatabase.Large);
        var agent = (Guid?)await db.Agents.Select(row => row.UserId).FirstAsync();
        var some = await db.Conversations.FirstAsync();
        var id = some.Id;
        var rows = Query(db, query, agent, id, some.AssignedTeamId, some.ContactId);

        await using var command = rows.CreateDbCommand();
        await ExplainAssert.UsesIndexAsync(pool, VolumeDatabase.Large.Value, command, index);
    }

    [Fact]
    public async Task Contacts_are_gathered_for_a_campaign_without_reading_all_who_opted_out()
    {
        await using var pool = volume.Database.CreateAppPool();
        // As sending does it: keys come out of a page of contacts.
        await using var command = new NpgsqlCommand(
            $"""
            WITH page AS MATERIALIZED (
                SELECT c.id, c.email_key AS address_key FROM contacts c
                WHERE c.tenant_id = '{VolumeDatabase.Large}' AND c.id > '{Guid.Empty}' ORDER BY c.id LIMIT 100)
            SELECT id FROM page
            WHERE NOT EXISTS (SELECT FROM campaign_opt_outs o WHERE o.tenant_id = '{VolumeDatabase.Large}' AND o.contact_id = page.id)
              AND NOT EXISTS (SELECT FROM campaign_opt_outs o WHERE o.tenant_id = '{VolumeDatabase.Large}' AND o.address_key = page.address_key)
            """);

        await ExplainAssert.UsesIndexAsync(
            pool, VolumeDatabase.Large.Value, command, "contacts_pkey", "campaign_opt_outs_contact_idx", "campaign_opt_outs_address_key");
    }

    [Fact]
    public async Task Sequential_reading_is_noticed()
    {
        await using var pool = volume.Database.CreateAppPool();
        await using var db = PlatformDatabase.CreateContext(pool, VolumeDatabase.Large);

        await using var command = db.Set<PlanTerms>().Where(row => row.Title == "Pro").CreateDbCommand();

        await Assert.ThrowsAsync<ExplainException>(() => ExplainAssert.UsesIndexAsync(pool, VolumeDatabase.Large.Value, command));
    }

    [Fact]
    public async Task Sent_commands_can_be_explained_with_their_parameters()
    {
        await using var pool = volume.Database.CreateAppPool();
        var name = new NpgsqlConnectionStringBuilder(volume.Database.AdminConnectionString).Database!;
        using var sent = new SentSql(name);
        await using (var db = PlatformDatabase.CreateContext(pool, VolumeDatabase.Large))
            await db.Campaigns.Where(row => row.Status == CampaignStatus.Draft).OrderByDescending(row => row.CreatedAt).Take(5).ToListAsync();

        var command = sent.Queries.Last(query => query.CommandText.Contains("FROM campaigns", StringComparison.Ordinal));
        await ExplainAssert.UsesIndexAsync(pool, VolumeDatabase.Large.Value, command, "campaigns_status_idx");
    }

    [Theory]
    [InlineData("SELECT * FROM search_conversations('%needle%', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 20)", "conversations_search_idx")]
    [InlineData("SELECT * FROM search_conversations('%about%', 'open', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 20)", "conversations_status_idx")]
    [InlineData("SELECT count_conversations('%needle%', NULL, NULL, NULL, NULL, NULL, NULL, 100)", "conversations_search_idx")]
    [InlineData("SELECT * FROM search_events('%needle%', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 20)", "events_search_idx")]
    [InlineData("SELECT count_events('%needle%', NULL, NULL, NULL, NULL, NULL, 100)", "events_search_idx")]
    // Few letters, which the planner expects in many rows, found in none; two are too few for the index of the search.
    [InlineData("SELECT * FROM search_contacts('%zqx%', NULL, NULL, 0, 20)", "contacts_search_idx")]
    [InlineData("SELECT * FROM search_conversations('%zqx%', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 20)", "conversations_search_idx")]
    [InlineData("SELECT * FROM search_events('%zqx%', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 20)", "events_search_idx")]
    [InlineData("SELECT count_contacts('%zq%', 10)", "Index Cond: (tenant_id")]
    [InlineData("SELECT count_conversations('%zq%', NULL, NULL, NULL, NULL, NULL, NULL, 10)", "Index Cond: (tenant_id")]
    [InlineData("SELECT count_events('%zq%', NULL, NULL, NULL, NULL, NULL, 10)", "Index Cond: (tenant_id")]
    [InlineData("SELECT count_audience('%zq%', 'email', 10)", "Index Cond: (tenant_id")]
    public async Task Search_function_uses_its_index(string sql, string index)
    {
        var plans = new List<string>();
        await using var connection = new NpgsqlConnection(volume.Database.AdminConnectionString);
        connection.Notice += (_, notice) => plans.Add(notice.Notice.MessageText);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var prepare = new NpgsqlCommand(
            $"""
            CALL set_tenant('{VolumeDatabase.Large}');
            LOAD 'auto_explain';
            SET LOCAL auto_explain.log_min_duration = 0;
            SET LOCAL auto_explain.log_nested_statements = on;
            SET LOCAL auto_explain.log_level = notice
            """,
            connection))
            await prepare.ExecuteNonQueryAsync();

        await using var search = new NpgsqlCommand(sql, connection);
        await search.ExecuteNonQueryAsync();

        Assert.Contains(plans, plan => plan.Contains(index, StringComparison.Ordinal));
        Assert.DoesNotContain(plans, plan => plan.Contains("Seq Scan", StringComparison.Ordinal));
    }

    private static IQueryable Query(PlatformDb db, string name, Guid? agent, Guid id, Guid? team, Guid? contact) => name switch
    {
        "contacts" => db.Contacts.Where(row => EF.Functions.LessThan(ValueTuple.Create(row.CreatedAt, row.Id), ValueTuple.Create(Place, id)))
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(21),
        "conversations" => Newest(db.Conversations, id),
        "conversations by status" => Newest(db.Conversations.Where(row => row.Status == ConversationStatus.Open), id),
        "conversations of a channel" => Newest(db.Conversations.Where(row => row.Channel == Channels.Sms), id),
        "conversations of an agent" => Newest(
            db.Conversations.Where(row => row.AssignedAgentId == agent && row.Status == ConversationStatus.Open), id),
        "conversations of a team" => Newest(
            db.Conversations.Where(row => row.AssignedTeamId == team && row.Status == ConversationStatus.Pending), id),
        "conversations of a contact" => Newest(db.Conversations.Where(row => row.ContactId == contact), id),
        "messages" => db.Messages.Where(row => row.ConversationId == id)
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(21),
        "message by external id" => db.Messages.Where(row => row.Channel == Channels.Web && row.ExternalId == "x"),
        "contact by phone" => db.Contacts.Where(row => row.Phone == "+447700000001"),
        "campaigns" => db.Campaigns.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(21),
        "campaigns by status" => db.Campaigns.Where(row => row.Status == CampaignStatus.Sent)
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(21),
        "opt-outs" => db.CampaignOptOuts.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(21),
        "recipients to send to" => db.Set<CampaignRecipient>()
            .Where(row => row.CampaignId == id && row.State == RecipientState.Pending)
            .OrderBy(row => row.ContactId).Take(100),
        "professionals" => db.Professionals.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(21),
        "professionals by name" => db.Professionals.OrderBy(row => row.Name).ThenBy(row => row.Id).Take(21),
        "events" => db.Appointments.OrderByDescending(row => row.StartsAt).ThenByDescending(row => row.Id).Take(21),
        "events by status" => db.Appointments.Where(row => row.Status == "cancelled" && row.StartsAt < Place)
            .OrderByDescending(row => row.StartsAt).ThenByDescending(row => row.Id).Take(21),
        "events of a professional" => db.Appointments.Where(row => row.ProfessionalId == id)
            .OrderByDescending(row => row.StartsAt).ThenByDescending(row => row.Id).Take(21),
        "notifications" => db.Notifications.Where(row => row.UserId == agent)
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(21),
        "unread notifications" => db.Notifications.Where(row => row.UserId == agent && !row.Read)
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(21),
        "reports" => db.Reports.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(21),
        "reports by status" => db.Reports.Where(row => row.Status == "failed")
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(21),
        "invoices" => db.Set<Invoice>().OrderByDescending(row => row.IssuedAt).ThenByDescending(row => row.Id).Take(21),
        "audit" => db.Set<AuditRecord>().OrderByDescending(row => row.At).ThenByDescending(row => row.Id).Take(21),
        "webhook events" => db.Set<WebhookEvent>().OrderByDescending(row => row.ReceivedAt).ThenByDescending(row => row.Id).Take(21),
        "failed calls of a source" => db.Set<WebhookEvent>()
            .Where(row => row.SourceId == id && row.Status == WebhookEventStatus.Failed && row.ReceivedAt > Place).Take(1000),
        "deliveries that arrived" => db.Set<WebhookDelivery>()
            .Where(row => row.EndpointId == id && row.Status == WebhookDeliveryStatus.Delivered)
            .OrderByDescending(row => row.FinishedAt).Take(1),
        "deliveries of an endpoint" => db.Set<WebhookDelivery>().Where(row => row.EndpointId == id)
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(21),
        "conversation" => db.Conversations.Where(row => row.Id == id),
        "event" => db.Appointments.Where(row => row.Id == id),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private static IQueryable<Conversation> Newest(IQueryable<Conversation> rows, Guid id) =>
        rows.Where(row => EF.Functions.LessThan(ValueTuple.Create(row.UpdatedAt, row.Id), ValueTuple.Create(Place, id)))
            .OrderByDescending(row => row.UpdatedAt).ThenByDescending(row => row.Id).Take(21);
}
