using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Platform.Tenancy;
using Platform.Testing;
using StackExchange.Redis;

namespace Platform.Caching.Tests;

/// <summary>A process with a cache of its own on a Redis server it may share.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private readonly IHost _host;

    private Replica(IHost host) => _host = host;

    public TenantCache Cache => _host.Services.GetRequiredService<TenantCache>();

    public ActiveTenants ActiveTenants => _host.Services.GetRequiredService<ActiveTenants>();

    public CacheWarmUpRequests WarmUpRequests => _host.Services.GetRequiredService<CacheWarmUpRequests>();

    public CacheInvalidator Invalidator => _host.Services.GetRequiredService<CacheInvalidator>();

    public IConnectionMultiplexer Redis => _host.Services.GetRequiredService<IConnectionMultiplexer>();

    public IDatabase Database => Redis.GetDatabase();

    public static async Task<Replica> StartAsync(Dictionary<string, string?>? settings = null, string? redis = null, params CacheWarmer[] warmers)
    {
        redis ??= (await GarnetServer.GetAsync()).ConnectionString;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        // Two busy cores may take longer than production would wait.
        builder.Configuration.AddInMemoryCollection([new("Cache:Timeout", "00:00:05")]);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect($"{redis},abortConnect=false,connectTimeout=2000"));
        builder.AddTenantCache();
        builder.Services.AddScoped<TenantContext>();
        foreach (var warmer in warmers)
            builder.Services.AddSingleton(warmer);
        var host = builder.Build();
        await host.StartAsync();
        return new Replica(host);
    }

    public static TenantId NewTenant() => new(Guid.CreateVersion7());

    /// <summary>A key with one tag, <c>contacts</c>.</summary>
    public static CacheKey Key(TenantId tenant, string id = "1", CacheKind? kind = null) =>
        CacheKey.Create(tenant, kind ?? CacheKinds.Reports, [Tag(tenant)], id);

    public static CacheTag Tag(TenantId tenant) => CacheTag.For(tenant, "contacts");

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }
}

/// <summary>Stands for the database: a value, and how often it was read.</summary>
internal sealed class Source
{
    private int _reads;

    public string Value { get; set; } = "first";

    public int Reads => _reads;

    public Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        return Task.FromResult(Value);
    }
}
