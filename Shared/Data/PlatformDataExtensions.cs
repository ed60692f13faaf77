using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Platform.Data.Placement;
using Platform.Data.Replicas;
using Platform.Data.Security;
using Platform.Tenancy;

namespace Platform.Data;

/// <summary>Registers the platform's database for a service.</summary>
public static class PlatformDataExtensions
{
    /// <summary>The connection string's name; its role is <c>platform_app</c>.</summary>
    public const string ConnectionName = "platform";

    /// <summary>
    /// Adds the pool (<see cref="NpgsqlDataSource"/>), those of placed tenants and of replicas (<see cref="TenantDatabases"/>),
    /// <see cref="PlatformDb"/>, <see cref="TenantContext"/>, <see cref="SecretProtector"/> and the self-check that refuses to serve without row-level security.
    /// </summary>
    public static TBuilder AddPlatformData<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddScoped<TenantContext>();
        builder.Services.AddOptions<ShardOptions>().Bind(builder.Configuration.GetSection(ShardOptions.Section));
        builder.Services.AddOptions<ReplicaOptions>().Bind(builder.Configuration.GetSection(ReplicaOptions.Section))
            .ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton(services => TenantDatabasesFactory.CreateDataSource(services, ConnectionName));
        builder.Services.AddSingleton(TenantDatabasesFactory.Create);
        // Options are the same for every context: made once, they cost nothing.
        builder.Services.AddDbContext<PlatformDb>(
            (services, options) => PlatformDb.Guard(options.UseNpgsql(services.GetRequiredService<NpgsqlDataSource>())),
            ServiceLifetime.Scoped, ServiceLifetime.Singleton);
        builder.Services.AddSingleton<DirectoryCopies>();
        builder.Services.AddScoped<DirectoryDb>();
        builder.Services.AddOptions<SecretOptions>().Bind(builder.Configuration).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<SecretProtector>();
        builder.Services.AddSingleton<Passwords>();
        builder.Services.AddHostedService<RowSecurityCheck>();
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealthCheck>("database");
        return builder;
    }
}
