using Microsoft.EntityFrameworkCore;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Teams;

namespace Platform.Api.Features.Roles;

/// <summary>Reads roles of the current tenant.</summary>
internal static class RoleQueries
{
    /// <summary>Indexes: roles_created_idx, role_permissions_pkey.</summary>
    public static async Task<Page<RoleResponse>?> PageAsync(
        PlatformDb db, ListQuestion ask, CursorCodec cursors, CancellationToken cancellationToken)
    {
        var (tenant, createdAt, id) = (db.Tenant.Value, ask.AfterCreatedAt, ask.AfterId);
        var rows = await db.Database.SqlQuery<RoleResponse>(
            $"""
            SELECT r.id AS "Id", r.name AS "Name", r.created_at AS "CreatedAt", r.version AS "Version",
                   ARRAY(SELECT p.permission FROM role_permissions p
                         WHERE p.tenant_id = r.tenant_id AND p.role_id = r.id ORDER BY p.permission) AS "Permissions"
            FROM roles r
            WHERE r.tenant_id = {tenant} AND ({createdAt}::timestamptz IS NULL OR (r.created_at, r.id) < ({createdAt}, {id}))
            ORDER BY r.created_at DESC, r.id DESC
            OFFSET {ask.Skip} LIMIT {ask.Take}
            """).ToListAsync(cancellationToken);
        var total = await ask.TotalAsync(rows.Count, db.Set<Role>(), cancellationToken);
        return ask.Page(rows, total, role => new Cursor(role.CreatedAt, role.Id), cursors);
    }

    /// <summary>Indexes: roles_pkey, role_permissions_pkey.</summary>
    public static async Task<RoleResponse?> FindAsync(PlatformDb db, Guid id, CancellationToken cancellationToken)
    {
        var tenant = db.Tenant.Value;
        return (await db.Database.SqlQuery<RoleResponse>(
            $"""
            SELECT r.id AS "Id", r.name AS "Name", r.created_at AS "CreatedAt", r.version AS "Version",
                   ARRAY(SELECT p.permission FROM role_permissions p
                         WHERE p.tenant_id = r.tenant_id AND p.role_id = r.id ORDER BY p.permission) AS "Permissions"
            FROM roles r WHERE r.tenant_id = {tenant} AND r.id = {id}
            """).ToListAsync(cancellationToken)).SingleOrDefault();
    }

    /// <summary>Null when there is no such role. Indexes: membership_roles_role_idx, memberships_pkey, users_pkey.</summary>
    public static async Task<Page<RoleMember>?> MembersAsync(
        PlatformDb db, Guid id, ListQuestion ask, CursorCodec cursors, CancellationToken cancellationToken)
    {
        if (!await db.Set<Role>().AnyAsync(role => role.Id == id, cancellationToken))
            return null;
        var (tenant, createdAt, after) = (db.Tenant.Value, ask.AfterCreatedAt, ask.AfterId);
        var rows = await db.Database.SqlQuery<RoleMember>(
            $"""
            SELECT u.id AS "UserId", u.name AS "Name", u.email AS "Email", m.created_at AS "CreatedAt"
            FROM membership_roles r
            JOIN memberships m ON m.tenant_id = r.tenant_id AND m.user_id = r.user_id
            JOIN users u ON u.id = r.user_id
            WHERE r.tenant_id = {tenant} AND r.role_id = {id}
              AND ({createdAt}::timestamptz IS NULL OR (m.created_at, m.user_id) < ({createdAt}, {after}))
            ORDER BY m.created_at DESC, m.user_id DESC
            OFFSET {ask.Skip} LIMIT {ask.Take}
            """).ToListAsync(cancellationToken);
        var total = await ask.TotalAsync(rows.Count, db.Set<MembershipRole>().Where(member => member.RoleId == id), cancellationToken);
        return ask.Page(rows, total, member => new Cursor(member.CreatedAt, member.UserId), cursors);
    }
}
