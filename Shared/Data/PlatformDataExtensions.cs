using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Data.Security;
using Platform.Tenancy;

namespace Platform.Data;

/// <summary>Registers the platform's database for a service.</summary>
public static class PlatformDataExtensions
{
    /// <summary>The connection string's name; its role is <c>platform_app</c>.</summary>
    public const string ConnectionName = "platform";

    /// <summary>
    /// Adds the pool (<see cref="NpgsqlDataSource"/>), <see cref="PlatformDb"/>, <see cref="TenantContext"/>,
    /// <see cref="SecretProtector"/> and the self-check that refuses to serve without row-level security.
    /// </summary>
    public static TBuilder AddPlatformData<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddScoped<TenantContext>();
        builder.Services.AddSingleton(CreateDataSource);
        builder.Services.AddDbContext<PlatformDb>(
            (services, options) => options.UseNpgsql(services.GetRequiredService<NpgsqlDataSource>()));
        builder.Services.AddOptions<SecretOptions>().Bind(builder.Configuration).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<SecretProtector>();
        builder.Services.AddSingleton<Passwords>();
        builder.Services.AddHostedService<RowSecurityCheck>();
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealthCheck>("database");
        return builder;
    }

    private static NpgsqlDataSource CreateDataSource(IServiceProvider services)
    {
        var configured = services.GetRequiredService<IConfiguration>().GetConnectionString(ConnectionName);
        if (string.IsNullOrWhiteSpace(configured))
        {
            throw new InvalidOperationException(
                $"ConnectionStrings:{ConnectionName} is not set: the connection string of role platform_app is needed.");
        }

        // Defaults for what the connection string leaves open; anything in it wins.
        var defaults = new NpgsqlConnectionStringBuilder
        {
            ApplicationName = services.GetRequiredService<IHostEnvironment>().ApplicationName,
            MaxPoolSize = 40,
            MaxAutoPrepare = 100,
            Timeout = 5,
            CommandTimeout = 15,
        };
        var builder = new NpgsqlDataSourceBuilder($"{defaults.ConnectionString};{configured}");
        builder.UseLoggerFactory(services.GetRequiredService<ILoggerFactory>());
        return builder.Build();
    }
}
