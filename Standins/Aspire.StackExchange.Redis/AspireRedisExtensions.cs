using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

public static class AspireRedisExtensions
{
    private const string Section = "Aspire:StackExchange:Redis";

    /// <summary>
    /// Registers <see cref="IConnectionMultiplexer"/> as a singleton, with a health check and a span a command. The
    /// host starts even when Redis is away: the multiplexer goes on connecting in the background.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="connectionName">Reads <c>ConnectionStrings:{connectionName}</c>.</param>
    /// <param name="configureSettings">Runs after configuration was read.</param>
    /// <param name="configureOptions">Runs on the parsed connection string.</param>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        Add(builder, connectionName, serviceKey: null, configureSettings, configureOptions);

    /// <summary>As <see cref="AddRedisClient"/>, registered as a keyed service of the connection's name.</summary>
    public static void AddKeyedRedisClient(
        this IHostApplicationBuilder builder,
        string name,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        Add(builder, name, serviceKey: name, configureSettings, configureOptions);

    private static void Add(
        IHostApplicationBuilder builder,
        string name,
        string? serviceKey,
        Action<StackExchangeRedisSettings>? configureSettings,
        Action<ConfigurationOptions>? configureOptions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);

        var settings = new StackExchangeRedisSettings();
        builder.Configuration.GetSection(Section).Bind(settings);
        builder.Configuration.GetSection($"{Section}:{name}").Bind(settings);
        if (builder.Configuration.GetConnectionString(name) is { Length: > 0 } connectionString)
            settings.ConnectionString = connectionString;
        configureSettings?.Invoke(settings);

        if (settings.DisableTracing)
            builder.Services.AddKeyedSingleton(serviceKey, (services, _) => Connect(services, tracing: null));
        else
        {
            builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource(RedisTracing.SourceName));
            builder.Services.AddKeyedSingleton(serviceKey, (_, _) => new RedisTracing());
            builder.Services.AddKeyedSingleton(serviceKey, (services, key) =>
                Connect(services, services.GetRequiredKeyedService<RedisTracing>(key)));
        }

        if (!settings.DisableAutoActivation)
            builder.Services.AddSingleton<IHostedService>(services => new RedisActivation(() => Resolve(services)));

        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                serviceKey is null ? "StackExchange.Redis" : $"StackExchange.Redis_{name}",
                services => new RedisHealthCheck(() => Resolve(services)),
                failureStatus: null,
                tags: null));
        }

        IConnectionMultiplexer Resolve(IServiceProvider services) =>
            services.GetRequiredKeyedService<IConnectionMultiplexer>(serviceKey);

        IConnectionMultiplexer Connect(IServiceProvider services, RedisTracing? tracing)
        {
            var multiplexer = ConnectionMultiplexer.Connect(Options(services));
            tracing?.Attach(multiplexer);
            return multiplexer;
        }

        ConfigurationOptions Options(IServiceProvider services)
        {
            var text = settings.ConnectionString ?? throw new InvalidOperationException(
                $"A Redis client can't be made: neither 'ConnectionStrings:{name}' nor '{Section}:ConnectionString' is set.");

            var options = ConfigurationOptions.Parse(text);
            if (!text.Contains("abortConnect", StringComparison.OrdinalIgnoreCase))
                options.AbortOnConnectFail = false;
            options.ClientName ??= services.GetRequiredService<IHostEnvironment>().ApplicationName;

            builder.Configuration.GetSection($"{Section}:ConfigurationOptions").Bind(options);
            builder.Configuration.GetSection($"{Section}:{name}:ConfigurationOptions").Bind(options);
            configureOptions?.Invoke(options);
            return options;
        }
    }
}
