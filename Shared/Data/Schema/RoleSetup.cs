using System.Data;
using Npgsql;

namespace Platform.Data.Schema;

/// <summary>
/// Creates and updates the roles of <see cref="PlatformRoles"/>. The administrator needs CREATEROLE and CREATE on the
/// database; a superuser isn't needed.
/// </summary>
internal static class RoleSetup
{
    /// <summary>Roles belong to the whole server, so two databases may be set up at once: such collisions are tried again.</summary>
    private const int Attempts = 8;

    /// <summary>Of the advisory lock on what is set up as the administrator, one at a time in a database; not the migrations' own.</summary>
    internal const long LockKey = 7815264480101;

    /// <exception cref="MigrationException">
    /// A role has powers that would undo row-level security, or the administrator lacks a right.
    /// </exception>
    public static async Task RunAsync(
        NpgsqlConnection connection, MigrationOptions options, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({LockKey})", cancellationToken);
                await EnsureRoleAsync(connection, PlatformRoles.Owner, password: null, cancellationToken);
                await EnsureRoleAsync(connection, PlatformRoles.App, options.AppPassword, cancellationToken);
                await EnsureRoleAsync(connection, PlatformRoles.Queue, options.QueuePassword, cancellationToken);
                await GrantAsync(connection, cancellationToken);
                if (options.BackupPassword is { } backupPassword)
                    await EnsureBackupRoleAsync(connection, backupPassword, cancellationToken);
                await VerifyAsync(connection, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return;
            }
            catch (PostgresException exception) when (attempt < Attempts && IsCollision(exception))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20 * attempt), cancellationToken);
                // Npgsql gives up a connection on which an internal error came.
                if (connection.State != ConnectionState.Open)
                    await connection.OpenAsync(cancellationToken);
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                throw new MigrationException(
                    $"The administrator of 'platform-owner' can't set up the roles: {exception.MessageText}. " +
                    "It needs CREATEROLE, and CREATE on the database with grant option; for Database:BackupPassword also BYPASSRLS " +
                    "and pg_read_all_data with admin option.",
                    exception);
            }
        }
    }

    // "tuple concurrently updated" has no code of its own: it comes as an internal error.
    private static bool IsCollision(PostgresException exception) => exception.SqlState is
        PostgresErrorCodes.InternalError or PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateObject;

    private static async Task EnsureRoleAsync(
        NpgsqlConnection connection, string role, string? password, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", connection);
        exists.Parameters.AddWithValue(role);
        if (!(bool)(await exists.ExecuteScalarAsync(cancellationToken))!)
            await ExecuteAsync(connection, $"CREATE ROLE {role} NOSUPERUSER NOCREATEDB NOCREATEROLE", cancellationToken);
        if (password is not null)
            await ExecuteAsync(connection, $"ALTER ROLE {role} LOGIN PASSWORD '{ScramVerifier.Create(password)}'", cancellationToken);
    }

    // All it may do is read: it owns nothing, and the policies would keep the rows from it.
    private static async Task EnsureBackupRoleAsync(NpgsqlConnection connection, string password, CancellationToken cancellationToken)
    {
        await EnsureRoleAsync(connection, PlatformRoles.Backup, password, cancellationToken);
        await ExecuteAsync(
            connection,
            $"""
            DO $do$
            BEGIN
                ALTER ROLE {PlatformRoles.Backup} BYPASSRLS;
                GRANT pg_read_all_data TO {PlatformRoles.Backup};
                EXECUTE format('GRANT CONNECT ON DATABASE %I TO {PlatformRoles.Backup}', current_database());
            END $do$
            """,
            cancellationToken);
    }

    private static Task GrantAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => ExecuteAsync(
        connection,
        $"""
        DO $do$
        BEGIN
            -- Needed for SET ROLE; a superuser may anyway.
            IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
                EXECUTE format('GRANT {PlatformRoles.Owner} TO %I', current_user);
            END IF;
            EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
            EXECUTE format('GRANT CONNECT, CREATE ON DATABASE %I TO {PlatformRoles.Owner}', current_database());
            EXECUTE format('GRANT CONNECT ON DATABASE %I TO {PlatformRoles.App}, {PlatformRoles.Queue}', current_database());
            GRANT USAGE, CREATE ON SCHEMA public TO {PlatformRoles.Owner};
            GRANT USAGE ON SCHEMA public TO {PlatformRoles.App}, {PlatformRoles.Queue};
            REVOKE CREATE ON SCHEMA public FROM PUBLIC;
        END $do$
        """,
        cancellationToken);

    private static async Task VerifyAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT rolname FROM pg_roles
            WHERE rolname = ANY ($1)
              AND (rolsuper OR (rolbypassrls AND rolname <> $3) OR rolcreaterole OR (rolname <> $2 AND pg_has_role(rolname, $2, 'MEMBER')))
            """,
            connection);
        command.Parameters.AddWithValue(new[] { PlatformRoles.Owner, PlatformRoles.App, PlatformRoles.Queue, PlatformRoles.Backup });
        command.Parameters.AddWithValue(PlatformRoles.Owner);
        command.Parameters.AddWithValue(PlatformRoles.Backup);
        if (await command.ExecuteScalarAsync(cancellationToken) is string role)
        {
            throw new MigrationException(
                $"Role '{role}' has more rights than it may have (superuser, bypass of row-level security, creation of roles, " +
                $"or membership in {PlatformRoles.Owner}): take them away, or drop the role to have it made anew.");
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
