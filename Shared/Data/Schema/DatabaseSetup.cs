using Npgsql;

namespace Platform.Data.Schema;

/// <summary>Creates the database where it isn't there yet: a new server has only its maintenance database.</summary>
internal static class DatabaseSetup
{
    private const string MaintenanceDatabase = "postgres";

    public static async Task EnsureExistsAsync(NpgsqlConnectionStringBuilder target, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(target.Database) || target.Database == MaintenanceDatabase)
            return;

        var maintenance = new NpgsqlConnectionStringBuilder(target.ConnectionString) { Database = MaintenanceDatabase };
        await using var connection = new NpgsqlConnection(maintenance.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection)
        {
            Parameters = { new() { Value = target.Database } },
        };
        if (await exists.ExecuteScalarAsync(cancellationToken) is not null)
            return;

        try
        {
            var name = target.Database.Replace("\"", "\"\"", StringComparison.Ordinal);
            await using var create = new NpgsqlCommand($"CREATE DATABASE \"{name}\"", connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another run of the migrations was faster: as good.
        }
    }
}
