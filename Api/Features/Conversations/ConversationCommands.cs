using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Conversations;

namespace Platform.Api.Features.Conversations;

/// <summary>Changes conversations of the current tenant; all by conversations_pkey.</summary>
internal static class ConversationCommands
{
    /// <returns>The conversation, or what it refers to that isn't there.</returns>
    public static async Task<(Conversation? Row, ProblemResult? Problem)> CreateAsync(
        PlatformDb db, Guid contact, string channel, ConversationFields fields, CancellationToken cancellationToken)
    {
        var (tenant, id) = (db.Tenant.Value, Guid.CreateVersion7());
        try
        {
            var created = await db.Conversations.FromSql(
                $"""
                INSERT INTO conversations
                    (tenant_id, id, contact_id, contact_name, channel, status, subject, assigned_agent_id, assigned_team_id)
                SELECT tenant_id, {id}, id, name, {channel}, {fields.Status}, {fields.Subject}, {fields.AssignedAgentId}, {fields.AssignedTeamId}
                FROM contacts WHERE tenant_id = {tenant} AND id = {contact}
                RETURNING *
                """).IgnoreQueryFilters().ToListAsync(cancellationToken);
            return created is [var row] ? (row, null) : (null, Problems.Invalid("contactId", "There is no such contact."));
        }
        catch (PostgresException exception) when (Missing(exception) is { } problem)
        {
            return (null, problem);
        }
    }

    /// <summary>Reads a conversation and keeps others from changing it until the transaction ends.</summary>
    public static async Task<Conversation?> LockAsync(PlatformDb db, Guid id, CancellationToken cancellationToken)
    {
        var tenant = db.Tenant.Value;
        var rows = await db.Conversations
            .FromSql($"SELECT * FROM conversations WHERE tenant_id = {tenant} AND id = {id} FOR NO KEY UPDATE")
            .IgnoreQueryFilters().ToListAsync(cancellationToken);
        return rows.SingleOrDefault();
    }

    /// <returns>The conversation as changed, or what it refers to that isn't there.</returns>
    public static async Task<(Conversation? Row, ProblemResult? Problem)> UpdateAsync(
        PlatformDb db, Guid id, ConversationFields fields, CancellationToken cancellationToken)
    {
        var tenant = db.Tenant.Value;
        try
        {
            var updated = await db.Conversations.FromSql(
                $"""
                UPDATE conversations
                SET status = {fields.Status}, subject = {fields.Subject}, assigned_agent_id = {fields.AssignedAgentId},
                    assigned_team_id = {fields.AssignedTeamId}, updated_at = now(), version = version + 1
                WHERE tenant_id = {tenant} AND id = {id}
                RETURNING *
                """).IgnoreQueryFilters().ToListAsync(cancellationToken);
            return (updated.Single(), null);
        }
        catch (PostgresException exception) when (Missing(exception) is { } problem)
        {
            return (null, problem);
        }
    }

    /// <summary>Nothing is unread any more. Its place in the list stays.</summary>
    /// <returns>Null when there was nothing unread.</returns>
    public static async Task<Conversation?> MarkReadAsync(PlatformDb db, Guid id, CancellationToken cancellationToken)
    {
        var tenant = db.Tenant.Value;
        var updated = await db.Conversations.FromSql(
            $"""
            UPDATE conversations SET unread_count = 0, version = version + 1
            WHERE tenant_id = {tenant} AND id = {id} AND unread_count > 0
            RETURNING *
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
        return updated.SingleOrDefault();
    }

    /// <summary>
    /// Adds an outgoing message and moves its conversation to the top; who answers has read what came in. To be sent still.
    /// </summary>
    /// <returns>Null when there is no such conversation.</returns>
    public static async Task<(Conversation Conversation, Message Message)?> AddMessageAsync(
        PlatformDb db, Guid id, Guid? author, string authorName, string body, CancellationToken cancellationToken)
    {
        var (tenant, message) = (db.Tenant.Value, Guid.CreateVersion7());
        var conversations = await db.Conversations.FromSql(
            $"""
            UPDATE conversations
            SET last_message = left({body}, {ConversationRules.MaxPreviewLength}), last_message_at = clock_timestamp(), unread_count = 0,
                updated_at = clock_timestamp(), version = version + 1
            WHERE tenant_id = {tenant} AND id = {id}
            RETURNING *
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
        if (conversations is not [var conversation])
            return null;
        // Not the transaction's start: whoever waited for the conversation wrote later.
        var messages = await db.Messages.FromSql(
            $"""
            INSERT INTO messages (tenant_id, id, conversation_id, channel, direction, author_id, author_name, body, status, created_at, updated_at)
            VALUES ({tenant}, {message}, {id}, {conversation.Channel}, {MessageDirection.Out}, {author}, {authorName}, {body},
                {MessageStatus.Queued}, {conversation.LastMessageAt}, {conversation.LastMessageAt})
            RETURNING *
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
        return (conversation, messages.Single());
    }

    private static ProblemResult? Missing(PostgresException exception) => exception.ConstraintName switch
    {
        "conversations_tenant_id_contact_id_fkey" => Problems.Invalid("contactId", "There is no such contact."),
        "conversations_tenant_id_assigned_agent_id_fkey" => Problems.Invalid("assignedAgentId", "There is no such agent."),
        "conversations_tenant_id_assigned_team_id_fkey" => Problems.Invalid("assignedTeamId", "There is no such team."),
        _ => null,
    };
}
