using System.Data;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Platform.Data.Schema;

/// <summary>
/// Lets the database count what each statement costs: extension <c>pg_stat_statements</c>, which the owner can't create. The
/// platform runs without it, so a server that doesn't allow it is no error: <c>operator_slow_queries</c> then says that there is nothing.
/// </summary>
internal static partial class StatementStatistics
{
    // A schema of its own, in which the services may not look: the extension gives every role the right to read its view.
    private static readonly string Enable =
        $"""
        DO $do$
        BEGIN
            -- Two that create it at once would collide.
            PERFORM pg_advisory_xact_lock({RoleSetup.LockKey});
            IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements') THEN
                CREATE SCHEMA IF NOT EXISTS statements AUTHORIZATION {PlatformRoles.Owner};
                CREATE EXTENSION pg_stat_statements SCHEMA statements;
            END IF;
            -- Without it the owner reads the text of its own statements alone, not of the services'.
            IF NOT pg_has_role('{PlatformRoles.Owner}', 'pg_read_all_stats', 'USAGE') THEN
                GRANT pg_read_all_stats TO {PlatformRoles.Owner};
            END IF;
        END $do$
        """;

    /// <param name="connection">The administrator's, not yet the owner.</param>
    public static async Task EnableAsync(NpgsqlConnection connection, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = new NpgsqlCommand(Enable, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException exception)
        {
            LogUnavailable(logger, connection.Database, exception.MessageText);
            // Npgsql gives up a connection on which an internal error came.
            if (connection.State != ConnectionState.Open)
                await connection.OpenAsync(cancellationToken);
        }
    }

    [LoggerMessage(6004, LogLevel.Warning, "Slow queries of database {Database} can't be listed, pg_stat_statements can't be set up: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string database, string reason);
}
