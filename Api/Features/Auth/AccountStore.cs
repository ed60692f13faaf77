using Npgsql;
using NpgsqlTypes;
using Platform.Data.Placement;
using Platform.Tenancy;

namespace Platform.Api.Features.Auth;

/// <summary>
/// Accounts and refresh tokens, before any tenant is known: only through the database functions that are there for it
/// (0002_identity.sql, 0013_sessions_and_keys.sql), which name their indexes. All of that is in the common database.
/// </summary>
internal sealed class AccountStore(NpgsqlDataSource dataSource, TenantDatabases databases)
{
    /// <returns>Null for an unknown address.</returns>
    public async Task<(Guid UserId, string PasswordHash)?> FindCredentialsAsync(string email, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT id, password_hash FROM identity_find_user($1)");
        command.Parameters.AddWithValue(email);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetGuid(0), reader.GetString(1)) : null;
    }

    /// <param name="tenantId">The membership, by id; null for the one of <paramref name="slug"/> or the oldest.</param>
    /// <returns>Null when there is no such user or membership.</returns>
    public async Task<Account?> LoadAsync(Guid userId, Guid? tenantId, string? slug, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            SELECT user_id, email, name, is_operator, disabled, tenant_id, tenant_slug, tenant_plan, suspended, roles, permissions
            FROM identity_load($1, $2, $3)
            """);
        command.Parameters.AddWithValue(userId);
        command.Parameters.Add(Nullable(NpgsqlDbType.Uuid, tenantId));
        command.Parameters.Add(Nullable(NpgsqlDbType.Text, slug));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        var member = !await reader.IsDBNullAsync(5, cancellationToken);
        return new Account(
            reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetBoolean(3), reader.GetBoolean(4),
            member ? reader.GetGuid(5) : null,
            member ? reader.GetString(6) : null,
            member ? reader.GetString(7) : null,
            member && reader.GetBoolean(8),
            reader.GetFieldValue<string[]>(9), reader.GetFieldValue<string[]>(10));
    }

    /// <param name="endedSince">How far back ended sessions matter.</param>
    public async Task<Standing> LoadStandingAsync(
        Guid userId, Guid? tenantId, DateTimeOffset endedSince, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            SELECT is_operator, disabled, suspended, tenant_plan, roles, permissions, identity_ended_sessions($1, $3)
            FROM identity_load($1, $2, NULL)
            """);
        command.Parameters.AddWithValue(userId);
        command.Parameters.Add(Nullable(NpgsqlDbType.Uuid, tenantId));
        command.Parameters.AddWithValue(endedSince);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken) || reader.GetBoolean(0) != tenantId is null || reader.GetBoolean(1))
            return Standing.Unknown;
        var ended = reader.GetFieldValue<Guid[]>(6);
        if (tenantId is null)
            return new Standing(Refusal.None, null, Account.OperatorRoles, Account.OperatorPermissions, ended);
        return new Standing(
            reader.GetBoolean(2) ? Refusal.Suspended : Refusal.None, reader.GetString(3),
            reader.GetFieldValue<string[]>(4), reader.GetFieldValue<string[]>(5), ended);
    }

    public async Task AddRefreshTokenAsync(
        Account account, Guid sessionId, byte[] hash, DateTimeOffset now, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("CALL identity_add_refresh_token($1, $2, $3, $4, $5, $6, $7)");
        command.Parameters.AddWithValue(Guid.CreateVersion7(now));
        command.Parameters.AddWithValue(sessionId);
        command.Parameters.AddWithValue(account.UserId);
        command.Parameters.Add(Nullable(NpgsqlDbType.Uuid, account.IsOperator ? null : account.TenantId));
        command.Parameters.AddWithValue(hash);
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue(expiresAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <returns><c>rotated</c>, or why not: <c>unknown</c> (then without ids), <c>ended</c>, <c>reused</c>.</returns>
    public async Task<(string Outcome, EndedSession Session)> RenewAsync(
        byte[] hash, byte[] newHash, DateTimeOffset now, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            "SELECT outcome, user_id, tenant_id, session_id FROM identity_renew_session($1, $2, $3, $4, $5)");
        command.Parameters.AddWithValue(hash);
        command.Parameters.AddWithValue(Guid.CreateVersion7(now));
        command.Parameters.AddWithValue(newHash);
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue(expiresAt);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetString(0) is var outcome and not "unknown" ? (outcome, ReadEnded(reader, 1)) : ("unknown", default);
    }

    /// <summary>Ends the session of a refresh token, or all of its user; none when the token is unknown.</summary>
    public async Task<IReadOnlyList<EndedSession>> EndAsync(
        byte[] hash, bool everywhere, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT user_id, tenant_id, session_id FROM identity_end_session($1, $2, $3)");
        command.Parameters.AddWithValue(hash);
        command.Parameters.AddWithValue(everywhere);
        command.Parameters.AddWithValue(now);
        return await ReadEndedAsync(command, cancellationToken);
    }

    /// <returns>Null for somebody who is gone or disabled.</returns>
    public async Task<(string Email, string PasswordHash)?> FindPasswordAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT email, password_hash FROM identity_find_password($1)");
        command.Parameters.AddWithValue(userId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetString(0), reader.GetString(1)) : null;
    }

    /// <summary>Ends all sessions of the user but one.</summary>
    /// <exception cref="PostgresException">Serialization failure: the present password isn't the one given.</exception>
    public async Task<IReadOnlyList<EndedSession>> ChangePasswordAsync(
        Guid userId, string presentHash, string newHash, Guid? sessionId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            "SELECT user_id, tenant_id, session_id FROM identity_change_password($1, $2, $3, $4, $5)");
        command.Parameters.AddWithValue(userId);
        command.Parameters.AddWithValue(presentHash);
        command.Parameters.AddWithValue(newHash);
        command.Parameters.Add(Nullable(NpgsqlDbType.Uuid, sessionId));
        command.Parameters.AddWithValue(now);
        return await ReadEndedAsync(command, cancellationToken);
    }

    /// <summary>Writes to the tenant's audit log; an operator has none.</summary>
    public async Task AuditAsync(Account account, string action, CancellationToken cancellationToken)
    {
        if (account.TenantId is not { } tenant)
            return;
        await using var batch = databases.For(new TenantId(tenant)).CreateBatch();
        var setTenant = new NpgsqlBatchCommand("CALL set_tenant($1)");
        setTenant.Parameters.AddWithValue(tenant);
        var insert = new NpgsqlBatchCommand("INSERT INTO audit_log (tenant_id, id, actor_id, action) VALUES ($1, $2, $3, $4)");
        insert.Parameters.AddWithValue(tenant);
        insert.Parameters.AddWithValue(Guid.CreateVersion7());
        insert.Parameters.AddWithValue(account.UserId);
        insert.Parameters.AddWithValue(action);
        batch.BatchCommands.Add(setTenant);
        batch.BatchCommands.Add(insert);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<IReadOnlyList<EndedSession>> ReadEndedAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var ended = new List<EndedSession>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            ended.Add(ReadEnded(reader, 0));
        return ended;
    }

    private static EndedSession ReadEnded(NpgsqlDataReader reader, int at) =>
        new(reader.GetGuid(at), reader.IsDBNull(at + 1) ? null : new TenantId(reader.GetGuid(at + 1)), reader.GetGuid(at + 2));

    private static NpgsqlParameter Nullable(NpgsqlDbType type, object? value) =>
        new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };
}

/// <param name="Tenant">Null for an operator's.</param>
internal readonly record struct EndedSession(Guid UserId, TenantId? Tenant, Guid SessionId);
