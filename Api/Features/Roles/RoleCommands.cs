using Npgsql;
using Platform.Api.Features.Members;
using Platform.Api.Http;
using Platform.Data;
using Platform.Tenancy;

namespace Platform.Api.Features.Roles;

/// <summary>Changes roles of the current tenant inside a transaction; all by primary keys.</summary>
internal static class RoleCommands
{
    /// <returns>The role's id, or the conflict with another one's name.</returns>
    public static async Task<(Guid Id, ProblemResult? Problem)> CreateAsync(
        TenantTransaction transaction, string name, string[] permissions, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7();
        try
        {
            await transaction.ExecuteAsync("INSERT INTO roles (tenant_id, id, name) VALUES ($1, $2, $3)", cancellationToken, id, name);
        }
        catch (PostgresException exception) when (Duplicate(exception) is { } problem)
        {
            return (default, problem);
        }
        await GrantAsync(transaction, id, permissions, cancellationToken);
        return (id, null);
    }

    /// <param name="versions">The versions the role may have; null for any.</param>
    /// <returns>Whether a role had the id and such a version; the problem with what the change would do.</returns>
    public static async Task<(bool Found, ProblemResult? Problem)> UpdateAsync(
        TenantTransaction transaction, Guid id, string name, string[] permissions, long[]? versions, CancellationToken cancellationToken)
    {
        try
        {
            if (await transaction.ExecuteAsync(
                """
                UPDATE roles SET name = $3, version = version + 1
                WHERE tenant_id = $1 AND id = $2 AND ($4::bigint[] IS NULL OR version = ANY ($4))
                """,
                cancellationToken, id, name, TenantStatements.VersionsParameter(versions)) == 0)
                return (false, null);
        }
        catch (PostgresException exception) when (Duplicate(exception) is { } problem)
        {
            return (true, problem);
        }
        await transaction.ExecuteAsync(
            "DELETE FROM role_permissions WHERE tenant_id = $1 AND role_id = $2 AND permission <> ALL ($3)",
            cancellationToken, id, permissions);
        await GrantAsync(transaction, id, permissions, cancellationToken);
        return (true, await LockedOutAsync(transaction, cancellationToken));
    }

    /// <inheritdoc cref="UpdateAsync"/>
    public static async Task<(bool Found, ProblemResult? Problem)> DeleteAsync(
        TenantTransaction transaction, Guid id, long[]? versions, CancellationToken cancellationToken)
    {
        await MemberStore.TouchAllAsync(transaction, id, cancellationToken);
        return await transaction.ExecuteAsync(
            "DELETE FROM roles WHERE tenant_id = $1 AND id = $2 AND ($3::bigint[] IS NULL OR version = ANY ($3))",
            cancellationToken, id, TenantStatements.VersionsParameter(versions)) == 0
            ? (false, null)
            : (true, await LockedOutAsync(transaction, cancellationToken));
    }

    /// <returns>False when there is no such role or member.</returns>
    public static async Task<bool> AssignAsync(TenantTransaction transaction, Guid id, Guid userId, CancellationToken cancellationToken)
    {
        try
        {
            if (await transaction.ExecuteAsync(
                "INSERT INTO membership_roles (tenant_id, role_id, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                cancellationToken, id, userId) > 0)
                await MemberStore.TouchAsync(transaction, userId, cancellationToken);
            return true;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            return false;
        }
    }

    /// <inheritdoc cref="UpdateAsync"/>
    public static async Task<(bool Found, ProblemResult? Problem)> UnassignAsync(
        TenantTransaction transaction, Guid id, Guid userId, CancellationToken cancellationToken)
    {
        if (await transaction.ExecuteAsync(
            "DELETE FROM membership_roles WHERE tenant_id = $1 AND role_id = $2 AND user_id = $3",
            cancellationToken, id, userId) == 0)
            return (false, null);
        await MemberStore.TouchAsync(transaction, userId, cancellationToken);
        return (true, await LockedOutAsync(transaction, cancellationToken));
    }

    private static Task<int> GrantAsync(TenantTransaction transaction, Guid id, string[] permissions, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            """
            INSERT INTO role_permissions (tenant_id, role_id, permission) SELECT $1, $2, unnest($3::text[]) ON CONFLICT DO NOTHING
            """,
            cancellationToken, id, permissions);

    /// <summary>Somebody must be able to undo what was done. Indexes: role_permissions_pkey, membership_roles_role_idx.</summary>
    private static async Task<ProblemResult?> LockedOutAsync(TenantTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateCommand(
            """
            SELECT EXISTS (
                SELECT FROM roles r
                JOIN role_permissions p ON p.tenant_id = r.tenant_id AND p.role_id = r.id AND p.permission = $2
                JOIN membership_roles m ON m.tenant_id = r.tenant_id AND m.role_id = r.id
                WHERE r.tenant_id = $1)
            """);
        command.Parameters.AddWithValue(transaction.Tenant.Value);
        command.Parameters.AddWithValue(Permissions.TeamManage);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!
            ? null
            : Problems.Conflict($"At least one member must keep the permission '{Permissions.TeamManage}'.");
    }

    private static ProblemResult? Duplicate(PostgresException exception) =>
        exception.SqlState == PostgresErrorCodes.UniqueViolation ? Problems.Conflict("Another role has this name.", "name") : null;
}
