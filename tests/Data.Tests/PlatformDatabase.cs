using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Data.Schema;
using Platform.Data.Seed;
using Platform.Jobs;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Data.Tests;

/// <summary>A migrated database with the demo data, of one test class alone.</summary>
public sealed class PlatformDatabase : IAsyncLifetime
{
    public const string AppPassword = "app-password-1", QueuePassword = "queue-password-1";

    public static readonly TenantId Acme = new(DemoAccounts.Acme), Globex = new(DemoAccounts.Globex);

    private TestDatabase? _database;

    /// <summary>Whether it has the demo data.</summary>
    public bool Seed { get; init; } = true;

    public static MigrationOptions Options => new() { AppPassword = AppPassword, QueuePassword = QueuePassword, SeedDemo = true };

    public string AdminConnectionString => _database!.ConnectionString;

    public string AppConnectionString => _database!.ConnectionStringFor(PlatformRoles.App, AppPassword);

    public static Task MigrateAsync(string adminConnectionString) => MigrateAsync(adminConnectionString, seed: true);

    private static Task MigrateAsync(string adminConnectionString, bool seed) => PlatformMigrations.RunAsync(
        adminConnectionString, new() { AppPassword = AppPassword, QueuePassword = QueuePassword, SeedDemo = seed }, [MigrationSource.FromAssembly("jobs", typeof(IJobQueue).Assembly)], NullLogger.Instance);

    /// <summary>A pool of role platform_app, whose connections are not reset between uses, as the services' own.</summary>
    public NpgsqlDataSource CreateAppPool(int size = 10) =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(AppConnectionString) { MaxPoolSize = size, Timeout = 5, NoResetOnClose = true });

    public NpgsqlDataSource CreateAdminPool() => NpgsqlDataSource.Create(AdminConnectionString);

    /// <summary>A context of its own unit of work; no tenant leaves it unset.</summary>
    /// <param name="guarded">Whether its options are made as the services' are, or without what guards the tenants.</param>
    public static PlatformDb CreateContext(NpgsqlDataSource pool, TenantId? tenant, bool guarded = true)
    {
        var context = new TenantContext();
        if (tenant is { } id)
            context.Set(id);
        var options = new DbContextOptionsBuilder<PlatformDb>().UseNpgsql(pool);
        if (guarded)
            PlatformDb.Guard(options);
        return new PlatformDb(options.Options, context);
    }

    public async Task InitializeAsync() => _database = Seed
        ? await TestDatabase.CreateAsync("platform", MigrateAsync)
        : await TestDatabase.CreateAsync("schema", connectionString => MigrateAsync(connectionString, seed: false));

    public async Task DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
    }
}
