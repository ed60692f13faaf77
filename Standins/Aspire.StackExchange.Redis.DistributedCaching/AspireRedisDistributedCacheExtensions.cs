using Aspire.StackExchange.Redis;
using Aspire.StackExchange.Redis.DistributedCaching;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

public static class AspireRedisDistributedCacheExtensions
{
    /// <summary>Registers <see cref="IDistributedCache"/> on Redis, and the client it uses as <c>AddRedisClient</c> does.</summary>
    public static void AddRedisDistributedCache(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
    {
        builder.AddRedisClient(connectionName, configureSettings, configureOptions);
        builder.Services.AddSingleton<IDistributedCache>(services => new RedisDistributedCache(
            services.GetRequiredService<IConnectionMultiplexer>(),
            services.GetService<TimeProvider>() ?? TimeProvider.System));
    }
}
