using Npgsql;
using Platform.Data.Schema;
using Platform.Tenancy;

namespace Platform.Data.Placement;

/// <summary>
/// Makes a tenant known in its own database: the rows that everything else there refers to. The common database stays the
/// place where people sign in; the copies of its users carry no password.
/// </summary>
public static class TenantDirectory
{
    // Tenant and users follow the common database each time; roles and who has them are the tenant's own once they are there.
    private static readonly (string Table, string Rows, string Conflict)[] Tables =
    [
        ("tenants", "SELECT t.* FROM tenants t WHERE t.id = $1",
            "(id) DO UPDATE SET slug = EXCLUDED.slug, name = EXCLUDED.name, plan = EXCLUDED.plan, suspended_at = EXCLUDED.suspended_at"),
        ("users", """
            SELECT (jsonb_populate_record(u, '{"password_hash": "-", "is_operator": false}')).*
            FROM users u JOIN memberships m ON m.user_id = u.id WHERE m.tenant_id = $1
            """,
            "(id) DO UPDATE SET email = EXCLUDED.email, name = EXCLUDED.name, disabled_at = EXCLUDED.disabled_at"),
        ("memberships", "SELECT m.* FROM memberships m WHERE m.tenant_id = $1", "DO NOTHING"),
        ("roles", "SELECT r.* FROM roles r WHERE r.tenant_id = $1", "DO NOTHING"),
        ("role_permissions", "SELECT p.* FROM role_permissions p WHERE p.tenant_id = $1", "DO NOTHING"),
        ("membership_roles", "SELECT m.* FROM membership_roles m WHERE m.tenant_id = $1", "DO NOTHING"),
    ];

    /// <summary>Copies what is missing or has changed; both databases must be of this release. Safe to run again.</summary>
    /// <param name="from">The administrator's connection string of the common database.</param>
    /// <param name="to">That of the tenant's own.</param>
    /// <exception cref="NpgsqlException">One of them can't be reached or written.</exception>
    public static async Task CopyAsync(string from, string to, TenantId tenant, CancellationToken cancellationToken = default)
    {
        await using var source = await OpenAsync(from, cancellationToken);
        await using var target = await OpenAsync(to, cancellationToken);
        await using var reading = await BeginAsync(source, tenant, cancellationToken);
        await using var writing = await BeginAsync(target, tenant, cancellationToken);
        foreach (var (table, rows, conflict) in Tables)
        {
            await using var read = new NpgsqlCommand($"SELECT COALESCE(jsonb_agg(to_jsonb(r)), '[]')::text FROM ({rows}) AS r", source);
            read.Parameters.AddWithValue(tenant.Value);
            var json = (string)(await read.ExecuteScalarAsync(cancellationToken))!;
            await using var write = new NpgsqlCommand(
                $"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, $1::jsonb) ON CONFLICT {conflict}", target);
            write.Parameters.AddWithValue(json);
            await write.ExecuteNonQueryAsync(cancellationToken);
        }
        await writing.CommitAsync(cancellationToken);
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var become = new NpgsqlCommand($"SET ROLE {PlatformRoles.Owner}; SET search_path = public", connection);
        await become.ExecuteNonQueryAsync(cancellationToken);
        return connection;
    }

    private static async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection, TenantId tenant, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var set = new NpgsqlCommand("CALL set_tenant($1)", connection);
        set.Parameters.AddWithValue(tenant.Value);
        await set.ExecuteNonQueryAsync(cancellationToken);
        return transaction;
    }
}
