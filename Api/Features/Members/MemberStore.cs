using Npgsql;
using NpgsqlTypes;
using Platform.Api.Http;
using Platform.Data;
using Platform.Tenancy;

namespace Platform.Api.Features.Members;

/// <summary>Reads and changes who belongs to the current tenant.</summary>
internal static class MemberStore
{
    private const string Select =
        """
        SELECT m.user_id, u.email, u.name, m.created_at,
               CASE WHEN u.disabled_at IS NOT NULL THEN 'disabled' WHEN i.user_id IS NOT NULL THEN 'invited' ELSE 'active' END,
               ARRAY(SELECT r.name FROM membership_roles mr JOIN roles r ON r.tenant_id = mr.tenant_id AND r.id = mr.role_id
                     WHERE mr.tenant_id = m.tenant_id AND mr.user_id = m.user_id ORDER BY r.name),
               m.version
        FROM memberships m
        JOIN users u ON u.id = m.user_id
        LEFT JOIN invitations i ON i.tenant_id = m.tenant_id AND i.user_id = m.user_id
        WHERE m.tenant_id = $1
        """;

    /// <summary>One at a time in a tenant: two admins who remove each other would leave nobody.</summary>
    public static async Task LockAsync(TenantTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateCommand("SELECT pg_advisory_xact_lock(hashtextextended($1::text, 7815264480105))");
        command.Parameters.AddWithValue(transaction.Tenant.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>One row more than the page, newest first. Index: memberships_created_idx, then primary keys.</summary>
    public static async Task<IReadOnlyList<MemberResponse>> ListAsync(
        TenantTransaction transaction, ListQuestion ask, CancellationToken cancellationToken)
    {
        var place = ask.After is null ? "" : "AND (m.created_at, m.user_id) < ($4, $5)";
        await using var command = transaction.CreateCommand(
            $"{Select} {place} ORDER BY m.created_at DESC, m.user_id DESC OFFSET $2 LIMIT $3");
        command.Parameters.AddWithValue(transaction.Tenant.Value);
        command.Parameters.AddWithValue(ask.Skip);
        command.Parameters.AddWithValue(ask.Take);
        if (ask.After is { } cursor)
        {
            command.Parameters.AddWithValue(cursor.CreatedAt);
            command.Parameters.AddWithValue(cursor.Id);
        }
        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>Index: memberships_pkey.</summary>
    public static async Task<MemberResponse?> FindAsync(TenantTransaction transaction, Guid userId, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateCommand($"{Select} AND m.user_id = $2");
        command.Parameters.AddWithValue(transaction.Tenant.Value);
        command.Parameters.AddWithValue(userId);
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Index: memberships_created_idx.</summary>
    public static async Task<long> CountAsync(TenantTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateCommand("SELECT count(*) FROM memberships WHERE tenant_id = $1");
        command.Parameters.AddWithValue(transaction.Tenant.Value);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <returns>Outcome and user of <c>identity_add_member</c> (0015_members.sql).</returns>
    public static async Task<(string Outcome, Guid? UserId)> AddAsync(
        TenantTransaction transaction, string email, string name, string passwordHash, byte[] tokenHash, DateTimeOffset now,
        DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateCommand(
            "SELECT outcome, user_id FROM identity_add_member($1, $2, $3, $4, $5, $6, $7)");
        command.Parameters.AddWithValue(email);
        command.Parameters.AddWithValue(name);
        command.Parameters.AddWithValue(Guid.CreateVersion7(now));
        command.Parameters.AddWithValue(passwordHash);
        command.Parameters.AddWithValue(tokenHash);
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue(expiresAt);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetString(0), reader.GetFieldValue<Guid?>(1));
    }

    /// <summary>The roles of these names, with what they give. Indexes: roles_tenant_id_name_key, role_permissions_pkey.</summary>
    public static async Task<IReadOnlyList<(Guid Id, string Name, string[] Permissions)>> RolesAsync(
        TenantTransaction transaction, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateCommand(
            """
            SELECT r.id, r.name, ARRAY(SELECT p.permission FROM role_permissions p WHERE p.tenant_id = r.tenant_id AND p.role_id = r.id)
            FROM roles r WHERE r.tenant_id = $1 AND r.name = ANY ($2)
            """);
        command.Parameters.AddWithValue(transaction.Tenant.Value);
        command.Parameters.AddWithValue(names.ToArray());
        var roles = new List<(Guid, string, string[])>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            roles.Add((reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<string[]>(2)));
        return roles;
    }

    /// <summary>Index: membership_roles_pkey.</summary>
    public static async Task SetRolesAsync(
        TenantTransaction transaction, Guid userId, IReadOnlyCollection<Guid> roleIds, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateCommand(
            """
            WITH gone AS (DELETE FROM membership_roles WHERE tenant_id = $1 AND user_id = $2 AND role_id <> ALL ($3))
            INSERT INTO membership_roles (tenant_id, user_id, role_id) SELECT $1, $2, unnest($3) ON CONFLICT DO NOTHING
            """);
        command.Parameters.AddWithValue(transaction.Tenant.Value);
        command.Parameters.AddWithValue(userId);
        command.Parameters.AddWithValue(roleIds.ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Raises the member's version, for a change of what roles they have. Index: memberships_pkey.</summary>
    public static Task<int> TouchAsync(TenantTransaction transaction, Guid userId, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "UPDATE memberships SET version = version + 1 WHERE tenant_id = $1 AND user_id = $2", cancellationToken, userId);

    /// <summary>The same for all who have a role. Indexes: membership_roles_role_idx, memberships_pkey.</summary>
    public static Task<int> TouchAllAsync(TenantTransaction transaction, Guid roleId, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            UPDATE memberships SET version = version + 1
            WHERE tenant_id = $1 AND user_id IN (SELECT user_id FROM membership_roles WHERE tenant_id = $1 AND role_id = $2)
            """,
            cancellationToken, roleId);

    /// <summary>The member and its sessions here. Index: memberships_pkey.</summary>
    public static async Task RemoveAsync(
        TenantTransaction transaction, Guid userId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var end = transaction.CreateCommand("CALL identity_end_member_sessions($1, $2)");
        end.Parameters.AddWithValue(userId);
        end.Parameters.AddWithValue(now);
        await end.ExecuteNonQueryAsync(cancellationToken);
        await using var remove = transaction.CreateCommand("DELETE FROM memberships WHERE tenant_id = $1 AND user_id = $2");
        remove.Parameters.AddWithValue(transaction.Tenant.Value);
        remove.Parameters.AddWithValue(userId);
        await remove.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Whether anybody is left who can manage the team and sign in. Indexes: membership_roles_role_idx, primary keys.</summary>
    public static async Task<bool> HasManagerAsync(TenantTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateCommand(
            """
            SELECT EXISTS (
                SELECT FROM role_permissions p
                JOIN membership_roles mr ON mr.tenant_id = p.tenant_id AND mr.role_id = p.role_id
                JOIN users u ON u.id = mr.user_id AND u.disabled_at IS NULL
                WHERE p.tenant_id = $1 AND p.permission = $2
                  AND NOT EXISTS (SELECT FROM invitations i WHERE i.tenant_id = $1 AND i.user_id = mr.user_id))
            """);
        command.Parameters.AddWithValue(transaction.Tenant.Value);
        command.Parameters.AddWithValue(NpgsqlDbType.Text, Permissions.TeamManage);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<IReadOnlyList<MemberResponse>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var members = new List<MemberResponse>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            members.Add(new MemberResponse(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<string[]>(5), reader.GetString(4),
                reader.GetFieldValue<DateTimeOffset>(3), reader.GetInt64(6)));
        }
        return members;
    }
}
