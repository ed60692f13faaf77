using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Api.Features.RateLimits;
using Platform.Redis;
using Platform.Testing;
using StackExchange.Redis;

namespace Platform.Api.Tests.RateLimits;

/// <summary>A process's share of the limiter, with a connection of its own.</summary>
internal sealed class LimiterReplica : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private LimiterReplica(ServiceProvider services, RateLimitStore store) => (_services, Store) = (services, store);

    public RateLimitStore Store { get; }

    public IDatabase Database => _services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

    public static async Task<LimiterReplica> StartAsync(string? redis = null, TimeSpan? timeout = null)
    {
        redis ??= (await GarnetServer.GetAsync()).ConnectionString;
        var services = new ServiceCollection()
            .AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect($"{redis},abortConnect=false,connectTimeout=2000"))
            .BuildServiceProvider();
        var store = new RateLimitStore(
            services, Options.Create(new RateLimitOptions { Timeout = timeout ?? TimeSpan.FromSeconds(5) }), TimeProvider.System,
            NullLogger<RedisCircuit>.Instance);
        await store.Circuit.WarmUpAsync(TimeSpan.FromSeconds(5));
        return new LimiterReplica(services, store);
    }

    public RateBucket Bucket(string key, RateQuota quota) => new(Store, key, quota, TimeProvider.System);

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
