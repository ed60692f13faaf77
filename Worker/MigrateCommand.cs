using Platform.Data;
using Platform.Data.Placement;
using Platform.Data.Schema;
using Platform.Jobs;

namespace Platform.Worker;

/// <summary><c>Worker migrate</c>: brings the databases to this release and ends.</summary>
internal static class MigrateCommand
{
    /// <summary>The administrator's connection string.</summary>
    public const string ConnectionName = "platform-owner";

    /// <summary>The migrations beside those of the data, in order.</summary>
    public static IReadOnlyList<MigrationSource> Sources { get; } = [MigrationSource.FromAssembly("jobs", typeof(IJobQueue).Assembly)];

    public static Task<int> RunAsync(string[] args) => PlatformCommand.RunAsync(
        "Migrate", "The database could not be migrated", args,
        async (_, configuration, logger, stopping) =>
        {
            var connectionString = configuration.RequireConnectionString(ConnectionName, "an administrator's connection string");
            var options = ReadOptions(configuration);
            options.SeedDemo = configuration.GetValue<bool>("Demo:Seed");
            await PlatformMigrations.RunAsync(connectionString, options, Sources, logger, stopping);
            var shards = configuration.GetSection(ShardOptions.Section).Get<ShardOptions>() ?? new ShardOptions();
            await ShardMigrations.RunAsync(connectionString, shards, configuration, options, Sources, logger, stopping);
        });

    public static MigrationOptions ReadOptions(IConfiguration configuration)
    {
        var options = new MigrationOptions();
        configuration.GetSection(MigrationOptions.Section).Bind(options);
        return options;
    }
}
