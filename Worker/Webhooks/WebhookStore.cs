using Microsoft.EntityFrameworkCore;
using NpgsqlTypes;
using Platform.Data;
using Platform.Data.Contacts;
using Platform.Data.Conversations;
using Platform.Data.Webhooks;

namespace Platform.Worker.Webhooks;

/// <summary>What calls of other systems change in the current tenant. Everything runs in the transaction the handler began.</summary>
internal sealed class WebhookStore(PlatformDb db)
{
    /// <summary>Indexes: webhook_events_pkey, webhook_sources_pkey.</summary>
    public static async Task<StoredCall?> FindAsync(TenantTransaction transaction, Guid id, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateCommand(
            """
            SELECT e.source_id, s.provider, e.external_id, e.payload
            FROM webhook_events e JOIN webhook_sources s ON s.tenant_id = e.tenant_id AND s.id = e.source_id
            WHERE e.tenant_id = $1 AND e.id = $2
            """);
        command.Parameters.AddWithValue(transaction.Tenant.Value);
        command.Parameters.AddWithValue(id);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new StoredCall(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<byte[]>(3))
            : null;
    }

    /// <summary>Records what became of a call; of several jobs the one that did something counts. Index: webhook_events_pkey.</summary>
    public static async Task FinishAsync(
        TenantTransaction transaction, Guid id, string status, string? error, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateCommand(
            """
            UPDATE webhook_events
            SET status = CASE WHEN status = 'processed' AND $3 = 'ignored' THEN status ELSE $3 END,
                error = CASE WHEN status = 'processed' AND $4 IS NULL THEN error ELSE left($4, 1000) END, processed_at = now()
            WHERE tenant_id = $1 AND id = $2
            """);
        command.Parameters.AddWithValue(transaction.Tenant.Value);
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(status);
        command.Parameters.Add(new() { Value = (object?)error ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Index: messages_external_key.</summary>
    public Task<bool> IsKnownAsync(string channel, string externalId, CancellationToken cancellationToken) =>
        db.Messages.AnyAsync(row => row.Channel == channel && row.ExternalId == externalId, cancellationToken);

    /// <summary>Index: messages_external_key.</summary>
    public Task<bool> IsKnownAsync(string channel, string[] externalIds, CancellationToken cancellationToken) =>
        db.Messages.AnyAsync(row => row.Channel == channel && externalIds.Contains(row.ExternalId), cancellationToken);

    /// <summary>
    /// The sender, made if need be, and locked: two jobs about one contact, reached by phone and by e-mail, open one conversation.
    /// </summary>
    /// <returns>Null when the phone number or address can't be one.</returns>
    public async Task<(Contact? Contact, bool IsNew)> ContactAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        _ = ContactRules.Check(message.Name, message.Email, message.Phone, out var fields);
        if (fields is null)
        {
            // A name that isn't there or has odd characters mustn't lose the message.
            if (ContactRules.Check(message.Phone ?? message.Email, message.Email, message.Phone, out fields).Count > 0)
                return (null, false);
        }
        for (var attempt = 0; ; attempt++)
        {
            if (await FindContactAsync(fields!, cancellationToken) is { } known)
                return (known, false);
            var (tenant, id) = (db.Tenant.Value, Guid.CreateVersion7());
            var created = await db.Contacts.FromSql(
                $"""
                INSERT INTO contacts (tenant_id, id, name, email, phone)
                VALUES ({tenant}, {id}, {fields!.Name}, {fields.Email}, {fields.Phone})
                ON CONFLICT DO NOTHING
                RETURNING *
                """).IgnoreQueryFilters().ToListAsync(cancellationToken);
            if (created is [var contact])
                return (contact, true);
            // Somebody else was quicker, and has committed: it is found now.
            if (attempt == 3)
                throw new InvalidOperationException("Others kept making and deleting the same contact.");
        }
    }

    /// <summary>Puts the message into the contact's conversation on its channel: the latest that isn't closed, or a new one.</summary>
    public async Task<(Conversation Conversation, Message Message, bool IsOpened)> AddAsync(
        Contact contact, IncomingMessage message, string externalId, CancellationToken cancellationToken)
    {
        var (tenant, text) = (db.Tenant.Value, message.Text);
        // Index: conversations_contact_idx.
        var moved = await db.Conversations.FromSql(
            $"""
            UPDATE conversations
            SET last_message = left({text}, {ConversationRules.MaxPreviewLength}), last_message_at = clock_timestamp(),
                unread_count = unread_count + 1, status = 'open', updated_at = clock_timestamp(), version = version + 1
            WHERE tenant_id = {tenant} AND id = (
                SELECT id FROM conversations
                WHERE tenant_id = {tenant} AND contact_id = {contact.Id} AND channel = {message.Channel} AND status <> 'closed'
                ORDER BY updated_at DESC, id DESC
                LIMIT 1)
            RETURNING *
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
        var conversation = moved.SingleOrDefault() ?? await OpenAsync(contact, message, cancellationToken);

        var id = Guid.CreateVersion7();
        var rows = await db.Messages.FromSql(
            $"""
            INSERT INTO messages
                (tenant_id, id, conversation_id, channel, direction, author_name, body, external_id, status, created_at, updated_at)
            VALUES ({tenant}, {id}, {conversation.Id}, {message.Channel}, {MessageDirection.In}, {contact.Name}, {text}, {externalId},
                {MessageStatus.Delivered}, {conversation.LastMessageAt}, {conversation.LastMessageAt})
            RETURNING *
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
        return (conversation, rows.Single(), moved.Count == 0);
    }

    /// <summary>Takes a message on, never back: statuses arrive in any order. Index: messages_external_key.</summary>
    /// <returns>Null when there is no such message, or it is as far already.</returns>
    public async Task<Message?> UpdateAsync(MessageDelivery delivery, string[] externalIds, CancellationToken cancellationToken)
    {
        var tenant = db.Tenant.Value;
        var rows = await db.Messages.FromSql(
            $"""
            UPDATE messages
            SET status = {delivery.Status}, error = {delivery.Error}, updated_at = now(), version = version + 1
            WHERE tenant_id = {tenant} AND channel = {delivery.Channel} AND external_id = ANY ({externalIds}) AND direction = 'out'
              AND status = ANY (CASE {delivery.Status}
                  WHEN 'sent' THEN ARRAY['queued']
                  WHEN 'delivered' THEN ARRAY['queued', 'sent']
                  WHEN 'read' THEN ARRAY['queued', 'sent', 'delivered']
                  ELSE ARRAY['queued', 'sent'] END)
            RETURNING *
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
        return rows.FirstOrDefault();
    }

    /// <summary>By phone, written with or without the plus, else by e-mail. Indexes: contacts_phone_key, contacts_email_key.</summary>
    private async Task<Contact?> FindContactAsync(ContactFields fields, CancellationToken cancellationToken)
    {
        var (tenant, digits) = (db.Tenant.Value, fields.Phone?.TrimStart('+'));
        var phones = digits is null ? [] : new[] { $"+{digits}", digits };
        var rows = await db.Contacts.FromSql(
            $"""
            SELECT * FROM contacts
            WHERE tenant_id = {tenant} AND (phone = ANY ({phones}) OR email_key = lower({fields.Email}::text))
            ORDER BY phone = ANY ({phones}) DESC NULLS LAST, phone = {fields.Phone} DESC NULLS LAST, id
            FOR NO KEY UPDATE
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
        return rows.FirstOrDefault();
    }

    private async Task<Conversation> OpenAsync(Contact contact, IncomingMessage message, CancellationToken cancellationToken)
    {
        var (tenant, id) = (db.Tenant.Value, Guid.CreateVersion7());
        var rows = await db.Conversations.FromSql(
            $"""
            INSERT INTO conversations
                (tenant_id, id, contact_id, contact_name, channel, subject, unread_count, last_message, last_message_at, created_at, updated_at)
            SELECT {tenant}, {id}, {contact.Id}, {contact.Name}, {message.Channel}, {message.Subject ?? ""}, 1,
                left({message.Text}, {ConversationRules.MaxPreviewLength}), moment.at, moment.at, moment.at
            FROM (SELECT clock_timestamp() AS at) AS moment
            RETURNING *
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
        return rows.Single();
    }
}
