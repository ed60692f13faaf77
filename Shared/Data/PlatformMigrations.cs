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
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);

        // A connection of its own, closed for good afterwards: no service may ever be handed one that became the owner.
        var builder = new NpgsqlConnectionStringBuilder(adminConnectionString) { Pooling = false, ApplicationName = "platform migrations" };
        await DatabaseSetup.EnsureExistsAsync(builder, cancellationToken);
        await using var connection = new NpgsqlConnection(builder.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await RoleSetup.RunAsync(connection, options.AppPassword, options.QueuePassword, cancellationToken);

        await using (var become = new NpgsqlCommand($"SET ROLE {PlatformRoles.Owner}; SET search_path = public", connection))
            await become.ExecuteNonQueryAsync(cancellationToken);
        var applied = await new MigrationRunner(logger).RunAsync(connection, [DataSource, .. extraSources], cancellationToken);
        LogDone(logger, applied, builder.Database ?? "");

        if (options.SeedDemo)
            await DemoSeed.RunAsync(connection, logger, cancellationToken);
    }

    [LoggerMessage(6002, LogLevel.Information, "Database {Database} is up to date, {Applied} migrations applied")]
    private static partial void LogDone(ILogger logger, int applied, string database);
}
