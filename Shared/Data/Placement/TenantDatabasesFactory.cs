using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Data.Replicas;
using Platform.Redis;
using Platform.Tenancy;

namespace Platform.Data.Placement;

/// <summary>Makes the pools of all databases from the connection strings and the shard map.</summary>
internal static class TenantDatabasesFactory
{
    /// <exception cref="InvalidOperationException">The shard map names no tenant, or a connection string that isn't there.</exception>
    public static TenantDatabases Create(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var common = new TenantDatabase(
            PlatformDataExtensions.ConnectionName, services.GetRequiredService<NpgsqlDataSource>(),
            CreateReplica(services, configuration, PlatformDataExtensions.ConnectionName));

        var byName = new Dictionary<string, TenantDatabase>(StringComparer.OrdinalIgnoreCase) { [common.Name] = common };
        var placed = new Dictionary<TenantId, TenantDatabase>();
        foreach (var (id, name) in services.GetRequiredService<IOptions<ShardOptions>>().Value.Tenants)
        {
            if (!TenantId.TryParse(id, out var tenant))
                throw new InvalidOperationException($"{ShardOptions.Section}:Tenants:{id} is not a tenant's id.");
            if (!byName.TryGetValue(name, out var database))
            {
                var primary = CreateDataSource(services, name);
                byName[name] = database = new TenantDatabase(name, primary, CreateReplica(services, configuration, name));
            }
            if (database != common)
                placed[tenant] = database;
        }
        return new TenantDatabases(common, placed, byName.Values.Any(database => database.Replica is not null) ? CreateRouter(services) : null);
    }

    /// <exception cref="InvalidOperationException">There is no such connection string.</exception>
    public static NpgsqlDataSource CreateDataSource(IServiceProvider services, string name)
    {
        var configured = services.GetRequiredService<IConfiguration>().GetConnectionString(name);
        if (string.IsNullOrWhiteSpace(configured))
        {
            throw new InvalidOperationException(
                $"ConnectionStrings:{name} is not set: the connection string of role platform_app is needed.");
        }

        // Defaults for what the connection string leaves open; anything in it wins.
        var defaults = new NpgsqlConnectionStringBuilder
        {
            ApplicationName = services.GetRequiredService<IHostEnvironment>().ApplicationName,
            MaxPoolSize = 40,
            MaxAutoPrepare = 100,
            Timeout = 5,
            CommandTimeout = 15,

            // Whatever is set is set for a transaction (set_tenant), so nothing is left to reset when a connection comes back; the six
            // statements that would do it cost as much as a small query. A transaction left open is rolled back all the same.
            NoResetOnClose = true,
        };
        var builder = new NpgsqlDataSourceBuilder($"{defaults.ConnectionString};{configured}");
        builder.UseLoggerFactory(services.GetRequiredService<ILoggerFactory>());
        return builder.Build();
    }

    private static NpgsqlDataSource? CreateReplica(IServiceProvider services, IConfiguration configuration, string name) =>
        string.IsNullOrWhiteSpace(configuration.GetConnectionString($"{name}-replica")) ? null : CreateDataSource(services, $"{name}-replica");

    private static ReplicaRouter CreateRouter(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<ReplicaOptions>>().Value;
        var time = services.GetRequiredService<TimeProvider>();
        var circuit = new RedisCircuit(
            "reading from replicas", services, new RedisCircuitOptions { Timeout = options.RedisTimeout }, time,
            services.GetRequiredService<ILogger<RedisCircuit>>());
        return new ReplicaRouter(new WriteFences(circuit), options, time, services.GetRequiredService<ILogger<ReplicaRouter>>());
    }
}
