using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Data.Schema;
using Platform.Data.Seed;

namespace Platform.Data;

/// <summary>
/// Brings a database to this release: the database itself, roles, schema, and demo data when asked for. Safe to run
/// again and at once with others.
/// </summary>
public static partial class PlatformMigrations
{
    /// <summary>The migrations of this assembly; they come first, others build on them.</summary>
    public static MigrationSource DataSource { get; } = MigrationSource.FromAssembly("data", typeof(PlatformMigrations).Assembly);

    /// <param name="adminConnectionString">Connection string <c>platform-owner</c>: a role that may create roles.</param>
    /// <param name="options">Passwords of the service roles; whether to seed.</param>
    /// <param name="extraSources">Migrations of other parts, applied after this assembly's, in order.</param>
    /// <param name="logger">Tells of each file applied.</param>
    /// <exception cref="MigrationException">The database can't be brought to this release.</exception>
    /// <exception cref="ValidationException">A password is missing.</exception>
    public static async Task RunAsync(
        string adminConnectionString,
        MigrationOptions options,
        IReadOnlyList<MigrationSource> extraSources,
        ILogger logger,
        CancellationToken cancellationToken = default)
    {
        // A connection of its own, closed for good afterwards: no service may ever be handed one that became the owner.
        await using var connection = await OpenAsync(adminConnectionString, options, cancellationToken);
        await StatementStatistics.EnableAsync(connection, logger, cancellationToken);
        await BecomeOwnerAsync(connection, cancellationToken);
        var applied = await new MigrationRunner(logger).RunAsync(connection, [DataSource, .. extraSources], cancellationToken);
        LogDone(logger, applied, connection.Database);
        await using (var align = new NpgsqlCommand("SELECT attach_jobs(), align_job_weights()", connection))
            await align.ExecuteNonQueryAsync(cancellationToken);

        if (options.SeedDemo)
            await DemoSeed.RunAsync(connection, logger, cancellationToken);
    }

    /// <summary>
    /// The same for one that is about to get a backup's contents: applies just the migrations its source had, and no demo data.
    /// </summary>
    /// <param name="only">By source and version; those that <paramref name="extraSources"/> and this assembly don't have are left out.</param>
    /// <returns>The administrator's connection, having become the owner; the caller's to dispose of.</returns>
    /// <exception cref="MigrationException">The database isn't empty, or can't be set up.</exception>
    public static async Task<NpgsqlConnection> PrepareRestoreAsync(
        string adminConnectionString,
        MigrationOptions options,
        IReadOnlyList<MigrationSource> extraSources,
        IReadOnlySet<(string Source, int Version)> only,
        ILogger logger,
        CancellationToken cancellationToken = default)
    {
        var connection = await OpenEmptyAsync(adminConnectionString, options, cancellationToken);
        try
        {
            await BecomeOwnerAsync(connection, cancellationToken);
            var sources = new[] { DataSource }.Concat(extraSources)
                .Select(source => new MigrationSource(source.Name, source.Scripts.Where(script => only.Contains((source.Name, script.Version)))));
            await new MigrationRunner(logger).RunAsync(connection, [.. sources], cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes database and roles, but no table: for a tool that brings those.</summary>
    /// <returns>The administrator's connection; the caller's to dispose of.</returns>
    /// <exception cref="MigrationException">The database isn't empty, or can't be set up.</exception>
    public static Task<NpgsqlConnection> OpenEmptyAsync(
        string adminConnectionString, MigrationOptions options, CancellationToken cancellationToken = default) =>
        OpenAsync(adminConnectionString, options, cancellationToken, mustBeEmpty: true);

    private static async Task<NpgsqlConnection> OpenAsync(
        string adminConnectionString, MigrationOptions options, CancellationToken cancellationToken, bool mustBeEmpty = false)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        var builder = new NpgsqlConnectionStringBuilder(adminConnectionString) { Pooling = false, ApplicationName = "platform migrations" };
        await DatabaseSetup.EnsureExistsAsync(builder, cancellationToken);
        var connection = new NpgsqlConnection(builder.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            if (mustBeEmpty)
                await RefuseTablesAsync(connection, cancellationToken);
            await RoleSetup.RunAsync(connection, options, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task RefuseTablesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand(
            """
            SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
              AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
            ORDER BY 1 LIMIT 1
            """,
            connection);
        if (await find.ExecuteScalarAsync(cancellationToken) is string table)
            throw new MigrationException($"Database {connection.Database} isn't empty: it has {table}. Nothing was changed.");
    }

    private static async Task BecomeOwnerAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var become = new NpgsqlCommand($"SET ROLE {PlatformRoles.Owner}; SET search_path = public", connection);
        await become.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(6002, LogLevel.Information, "Database {Database} is up to date, {Applied} migrations applied")]
    private static partial void LogDone(ILogger logger, int applied, string database);
}
