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
    private static readonly string[] AdminPermissions =
        [Permissions.ContactsRead, Permissions.ContactsWrite, Permissions.ImportsWrite, Permissions.JobsRead, Permissions.JobsManage];

    private static readonly string[] AgentPermissions =
        [Permissions.ContactsRead, Permissions.ContactsWrite, Permissions.ImportsWrite, Permissions.JobsRead];

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
            await AddRoleAsync(connection, DemoAccounts.Acme, "admin", AdminPermissions, admin, cancellationToken);
            await AddRoleAsync(connection, DemoAccounts.Acme, "agent", AgentPermissions, agent, cancellationToken);
            await AddContactsAsync(connection, DemoAccounts.Acme, DemoContacts.Acme, cancellationToken);
        }
        if (await AddTenantAsync(connection, DemoAccounts.Globex, "globex", "Globex Gardens", "free", cancellationToken))
        {
            var admin = await AddUserAsync(connection, passwordHash, DemoAccounts.GlobexAdmin, "Sasha Field", cancellationToken);
            await AddRoleAsync(connection, DemoAccounts.Globex, "admin", AdminPermissions, admin, cancellationToken);
            await AddContactsAsync(connection, DemoAccounts.Globex, DemoContacts.Globex, cancellationToken);
        }
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

    private static async Task AddRoleAsync(
        NpgsqlConnection connection, Guid tenant, string role, string[] permissions, Guid user, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7();
        await ExecuteAsync(
            connection, "INSERT INTO roles (tenant_id, id, name) VALUES ($1, $2, $3)", [tenant, id, role], cancellationToken);
        await ExecuteAsync(
            connection,
            "INSERT INTO role_permissions (tenant_id, role_id, permission) SELECT $1, $2, unnest($3)",
            [tenant, id, permissions],
            cancellationToken);
        await ExecuteAsync(connection, "INSERT INTO memberships (tenant_id, user_id) VALUES ($1, $2)", [tenant, user], cancellationToken);
        await ExecuteAsync(
            connection,
            "INSERT INTO membership_roles (tenant_id, user_id, role_id) VALUES ($1, $2, $3)",
            [tenant, user, id],
            cancellationToken);
    }

    private static async Task AddContactsAsync(
        NpgsqlConnection connection, Guid tenant, IReadOnlyList<DemoContact> contacts, CancellationToken cancellationToken)
    {
        for (var i = 0; i < contacts.Count; i++)
        {
            // A few hours apart, the last one newest, so that the list has an order worth looking at.
            await ExecuteAsync(
                connection,
                """
                INSERT INTO contacts (tenant_id, id, name, email, phone, created_at, updated_at)
                SELECT $1, $2, $3, $4, $5, at, at FROM (SELECT now() - make_interval(hours => $6)) AS age (at)
                """,
                [tenant, Guid.CreateVersion7(), contacts[i].Name, contacts[i].Email, contacts[i].Phone, (contacts.Count - i) * 5],
                cancellationToken);
        }
    }

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
