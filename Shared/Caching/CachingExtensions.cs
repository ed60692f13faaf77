using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Platform.Caching;

public static class CachingExtensions
{
    /// <summary>Adds <see cref="TenantCache"/> on the application's <c>IConnectionMultiplexer</c>. Settings: section <c>Cache</c>.</summary>
    public static IHostApplicationBuilder AddTenantCache(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<CacheOptions>()
            .Bind(builder.Configuration.GetSection(CacheOptions.Section))
            .Configure<IConfiguration>((options, configuration) => options.Enabled &= !IsOff(configuration["REDIS_CACHE_ENABLED"]))
            .ValidateDataAnnotations()
            .Validate(options => options.Ttl.Keys.All(CacheKinds.All.ContainsKey), "Cache:Ttl names a kind that doesn't exist.")
            .Validate(options => options.Ttl.Values.All(ttl => ttl > TimeSpan.Zero), "Cache:Ttl must be positive.")
            .Validate(options => options.Experiments.Keys.All(CacheKinds.All.ContainsKey), "Cache:Experiments names a kind that doesn't exist.")
            .Validate(options => options.Experiments.Values.All(experiment => experiment.IsValid), "Cache:Experiments needs A and B, both positive, and a Share of 0 to 1.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RedisLevel>();
        services.AddSingleton(provider => new LocalCache(
            provider.GetRequiredService<IOptions<CacheOptions>>().Value.LocalBytes, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<CacheInvalidator>();
        services.AddHostedService(provider => provider.GetRequiredService<CacheInvalidator>());
        services.AddSingleton<ActiveTenants>();
        services.AddHostedService(provider => provider.GetRequiredService<ActiveTenants>());
        services.AddSingleton(provider => new CacheWarmUpRequests(provider.GetRequiredService<RedisLevel>()));
        services.AddHostedService<CacheWarmUp>();
        services.AddSingleton(provider => new TenantCache(
            provider.GetRequiredService<RedisLevel>(), provider.GetRequiredService<LocalCache>(),
            provider.GetRequiredService<CacheInvalidator>(), provider.GetRequiredService<IOptionsMonitor<CacheOptions>>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ActiveTenants>()));
        return builder;
    }

    private static bool IsOff(string? text) =>
        text is not null && (text == "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase) || text.Equals("off", StringComparison.OrdinalIgnoreCase));
}
