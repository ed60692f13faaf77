using Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure;

namespace Microsoft.Extensions.Hosting;

public static class AspireEFPostgreSqlExtensions
{
    private const string Section = "Aspire:Npgsql:EntityFrameworkCore:PostgreSQL";
    private const string Telemetry = "Npgsql";

    /// <summary>
    /// Registers <typeparamref name="TContext"/>, pooled, on the connection string <c>ConnectionStrings:{connectionName}</c>,
    /// with retries, a health check, spans and metrics, each of which the settings can leave out.
    /// </summary>
    public static void AddNpgsqlDbContext<TContext>(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlEntityFrameworkCorePostgreSQLSettings>? configureSettings = null,
        Action<DbContextOptionsBuilder>? configureDbContextOptions = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var settings = Read<TContext>(builder);
        if (builder.Configuration.GetConnectionString(connectionName) is { Length: > 0 } connectionString)
            settings.ConnectionString = connectionString;
        configureSettings?.Invoke(settings);

        builder.Services.AddDbContextPool<TContext>(options =>
        {
            if (string.IsNullOrEmpty(settings.ConnectionString))
            {
                throw new InvalidOperationException(
                    $"{typeof(TContext).Name} can't be made: neither 'ConnectionStrings:{connectionName}' nor '{Section}:ConnectionString' is set.");
            }

            options.UseNpgsql(settings.ConnectionString, npgsql => Apply(settings, options, npgsql));
            configureDbContextOptions?.Invoke(options);
        });
        Observe<TContext>(builder, settings);
    }

    /// <summary>Adds retries, health check, spans and metrics to a context that was registered by other means.</summary>
    /// <exception cref="InvalidOperationException"><typeparamref name="TContext"/> isn't registered yet.</exception>
    public static void EnrichNpgsqlDbContext<TContext>(
        this IHostApplicationBuilder builder,
        Action<NpgsqlEntityFrameworkCorePostgreSQLSettings>? configureSettings = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!builder.Services.Any(service => service.ServiceType == typeof(TContext)))
            throw new InvalidOperationException($"{typeof(TContext).Name} must be registered before it can be enriched.");

        var settings = Read<TContext>(builder);
        configureSettings?.Invoke(settings);

        builder.Services.ConfigureDbContext<TContext>(options => options.UseNpgsql(npgsql => Apply(settings, options, npgsql)));
        Observe<TContext>(builder, settings);
    }

    private static NpgsqlEntityFrameworkCorePostgreSQLSettings Read<TContext>(IHostApplicationBuilder builder)
    {
        var settings = new NpgsqlEntityFrameworkCorePostgreSQLSettings();
        builder.Configuration.GetSection(Section).Bind(settings);
        builder.Configuration.GetSection($"{Section}:{typeof(TContext).Name}").Bind(settings);
        return settings;
    }

    private static void Apply(
        NpgsqlEntityFrameworkCorePostgreSQLSettings settings,
        DbContextOptionsBuilder options,
        NpgsqlDbContextOptionsBuilder npgsql)
    {
        // A strategy the application chose itself stays.
        var chosen = RelationalOptionsExtension.Extract(options.Options).ExecutionStrategyFactory is not null;
        if (!settings.DisableRetry && !chosen)
            npgsql.EnableRetryOnFailure();
        if (settings.CommandTimeout is { } seconds)
            npgsql.CommandTimeout(seconds);
    }

    private static void Observe<TContext>(IHostApplicationBuilder builder, NpgsqlEntityFrameworkCorePostgreSQLSettings settings)
        where TContext : DbContext
    {
        if (!settings.DisableHealthChecks)
            builder.Services.AddHealthChecks().AddCheck<DbContextHealthCheck<TContext>>(typeof(TContext).Name);
        if (!settings.DisableTracing)
            builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource(Telemetry));
        if (!settings.DisableMetrics)
            builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(Telemetry));
    }
}
