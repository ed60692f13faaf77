using Npgsql;
using Platform.Data;
using Platform.Data.Placement;
using Platform.Data.Schema;
using Platform.Jobs;
using Platform.ServiceDefaults;

namespace Platform.Worker;

/// <summary>
/// <c>Worker migrate</c>: brings the database to this release and ends. Exit code 0, or 1 with one line that says what is wrong.
/// </summary>
internal static partial class MigrateCommand
{
    private const string ConnectionName = "platform-owner";

    public static async Task<int> RunAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);

        // Everything waits for the migrations to end: a collector that isn't up yet must not hold that up.
        builder.Configuration["OTEL_EXPORTER_OTLP_TIMEOUT"] ??= "200";
        builder.AddServiceDefaults();
        using var host = builder.Build();
        await host.StartAsync();
        var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Platform.Worker.Migrate");
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        try
        {
            var configuration = builder.Configuration;
            var connectionString = configuration.GetConnectionString(ConnectionName);
            if (string.IsNullOrWhiteSpace(connectionString))
                throw new InvalidOperationException($"ConnectionStrings:{ConnectionName} is not set: an administrator's connection string is needed.");
            var options = new MigrationOptions { SeedDemo = configuration.GetValue<bool>("Demo:Seed") };
            configuration.GetSection(MigrationOptions.Section).Bind(options);

            var jobs = MigrationSource.FromAssembly("jobs", typeof(IJobQueue).Assembly);
            await PlatformMigrations.RunAsync(connectionString, options, [jobs], logger, stopping);
            var shards = configuration.GetSection(ShardOptions.Section).Get<ShardOptions>() ?? new ShardOptions();
            await ShardMigrations.RunAsync(connectionString, shards, configuration, options, [jobs], logger, stopping);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 1;
        }
        catch (Exception e)
        {
            LogFailed(logger, Reason(e));
            return 1;
        }
        finally
        {
            // Traces and logs of the migration leave with the host.
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static string Reason(Exception exception) => exception switch
    {
        PostgresException e => $"{e.MessageText} ({e.SqlState})",
        NpgsqlException { InnerException: { } inner } => inner.Message,
        _ => exception.Message,
    };

    [LoggerMessage(3000, LogLevel.Critical, "The database could not be migrated: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
