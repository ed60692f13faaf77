using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Data.Security;
using Platform.Tenancy;

namespace Platform.Data.Seed;

/// <summary>
/// Two tenants that can be signed in to at once. The people are invented, their addresses lie in the example domains,
/// their phone numbers in the ranges kept for fiction. A database that has the tenants already is left as it is.
/// </summary>
internal static partial class DemoSeed
{
    /// <param name="connection">An open connection that has become the owner.</param>
    public static async Task RunAsync(NpgsqlConnection connection, ILogger logger, CancellationToken cancellationToken)
    {
        // All have the same password: one slow hash does for them.
        var passwordHash = new Passwords().Hash(DemoAccounts.Password);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Two seeders at once: the second waits, then finds everything there.
        await ExecuteAsync(connection, "SELECT pg_advisory_xact_lock(7815264480102)", [], cancellationToken);
        await AddUserAsync(connection, passwordHash, DemoAccounts.Operator, "Platform Operator", cancellationToken, isOperator: true);
        if (await AddTenantAsync(connection, DemoAccounts.Acme, "acme", "Acme Outfitters", "pro", cancellationToken))
        {
            var admin = await AddUserAsync(connection, passwordHash, DemoAccounts.AcmeAdmin, "Avery Quill", cancellationToken);
            var agent = await AddUserAsync(connection, passwordHash, DemoAccounts.AcmeAgent, "Rowan Marsh", cancellationToken);
            await AddRoleAsync(connection, DemoAccounts.Acme, "admin", admin, cancellationToken);
            await AddRoleAsync(connection, DemoAccounts.Acme, "agent", agent, cancellationToken);
            await AddContactsAsync(connection, DemoAccounts.Acme, DemoContacts.Acme, cancellationToken);
        }
        await AddPermissionsAsync(connection, DemoAccounts.Acme, cancellationToken);
        await DemoActivity.AddAsync(connection, DemoAccounts.Acme, size: 20, cancellationToken);
        if (await AddTenantAsync(connection, DemoAccounts.Globex, "globex", "Globex Gardens", "free", cancellationToken))
        {
            var admin = await AddUserAsync(connection, passwordHash, DemoAccounts.GlobexAdmin, "Sasha Field", cancellationToken);
            await AddRoleAsync(connection, DemoAccounts.Globex, "admin", admin, cancellationToken);
            await AddContactsAsync(connection, DemoAccounts.Globex, DemoContacts.Globex, cancellationToken);
        }
        await AddPermissionsAsync(connection, DemoAccounts.Globex, cancellationToken);
        await DemoActivity.AddAsync(connection, DemoAccounts.Globex, size: 4, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogSeeded(logger);
    }

    private static async Task<bool> AddTenantAsync(
        NpgsqlConnection connection, Guid id, string slug, string name, string plan, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, "CALL set_tenant($1)", [id], cancellationToken);
        return await ExecuteAsync(
            connection,
            "INSERT INTO tenants (id, slug, name, plan) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            [id, slug, name, plan],
            cancellationToken) == 1;
    }

    private static async Task<Guid> AddUserAsync(
        NpgsqlConnection connection, string passwordHash, string email, string name, CancellationToken cancellationToken,
        bool isOperator = false)
    {
        await using var find = new NpgsqlCommand("SELECT id FROM users WHERE lower(email) = lower($1)", connection);
        find.Parameters.AddWithValue(email);
        if (await find.ExecuteScalarAsync(cancellationToken) is Guid existing)
            return existing;
        var id = Guid.CreateVersion7();
        await ExecuteAsync(
            connection,
            "INSERT INTO users (id, email, name, password_hash, is_operator) VALUES ($1, $2, $3, $4, $5)",
            [id, email, name, passwordHash, isOperator],
            cancellationToken);
        return id;
    }

    private static Task<int> AddRoleAsync(
        NpgsqlConnection connection, Guid tenant, string role, Guid user, CancellationToken cancellationToken) =>
        ExecuteAsync(
            connection,
            """
            WITH role AS (INSERT INTO roles (tenant_id, id, name) VALUES ($1, $2, $3)),
                 member AS (INSERT INTO memberships (tenant_id, user_id) VALUES ($1, $4))
            INSERT INTO membership_roles (tenant_id, user_id, role_id) VALUES ($1, $4, $2)
            """,
            [tenant, Guid.CreateVersion7(), role, user],
            cancellationToken);

    // The roles of a demo database that is older than a permission get it too.
    private static Task<int> AddPermissionsAsync(NpgsqlConnection connection, Guid tenant, CancellationToken cancellationToken) =>
        ExecuteAsync(
            connection,
            """
            INSERT INTO role_permissions (tenant_id, role_id, permission)
            SELECT r.tenant_id, r.id, permission
            FROM roles r, unnest(CASE r.name WHEN 'admin' THEN $2 ELSE $3 END) AS permission
            WHERE r.tenant_id = $1 AND r.name IN ('admin', 'agent')
            ON CONFLICT DO NOTHING
            """,
            [tenant, Permissions.OfTenants.ToArray(), Permissions.OfAgents.ToArray()],
            cancellationToken);

    // A few hours apart, the last one newest, so that the list has an order worth looking at.
    private static Task<int> AddContactsAsync(
        NpgsqlConnection connection, Guid tenant, IReadOnlyList<DemoContact> contacts, CancellationToken cancellationToken) =>
        ExecuteAsync(
            connection,
            """
            INSERT INTO contacts (tenant_id, id, name, email, phone, created_at, updated_at)
            SELECT $1, id, name, email, phone, at, at
            FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS contact (id, name, email, phone, number),
                 LATERAL (SELECT now() - make_interval(hours => (cardinality($2) - number::int + 1) * 5)) AS age (at)
            """,
            [
                tenant, contacts.Select(_ => Guid.CreateVersion7()).ToArray(), contacts.Select(contact => contact.Name).ToArray(),
                contacts.Select(contact => contact.Email).ToArray(), contacts.Select(contact => contact.Phone).ToArray(),
            ],
            cancellationToken);

    private static async Task<int> ExecuteAsync(
        NpgsqlConnection connection, string sql, object[] parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.AddWithValue(parameter);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(6003, LogLevel.Information, "Demo data is in place")]
    private static partial void LogSeeded(ILogger logger);
}
