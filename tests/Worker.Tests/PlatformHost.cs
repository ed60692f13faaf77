using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Caching;
using Platform.Data;
using Platform.Events;
using Platform.Jobs;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Worker.Tests;

/// <summary>The queue's engine with the parts a test adds, in this process; what they publish is kept.</summary>
internal sealed class PlatformHost : IAsyncDisposable, ITenantEvents
{
    private readonly IHost _host;

    private PlatformHost(
        WorkerDatabase database, string redis, Action<IHostApplicationBuilder> add, string? queue, (string Name, string? Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
        [
            new("ConnectionStrings:platform", database.AppConnectionString), new("ConnectionStrings:redis", redis),
            new("ENCRYPTION_KEY", "a-key-for-tests-of-22-characters-or-more"),
            .. settings.Select(setting => new KeyValuePair<string, string?>(setting.Name, setting.Value)),
        ]);
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddSimpleConsole();
        builder.AddPlatformData();
        builder.AddRedisClient("redis");
        builder.AddTenantCache();
        builder.Services.AddSingleton<ITenantEvents>(this);
        builder.AddJobWorker(options => options.ConnectionString = queue ?? database.QueueConnectionString);
        add(builder);
        _host = builder.Build();
    }

    public ConcurrentQueue<(TenantId Tenant, TenantEvent Event)> Events { get; } = new();

    public IServiceProvider Services => _host.Services;

    /// <summary>Starts without the schedules of what is added: tests mean the same at every time of day.</summary>
    /// <param name="add">Adds what the test is about.</param>
    /// <param name="queue">The queue's connection string, if it isn't the database's own.</param>
    public static Task<PlatformHost> StartAsync(
        WorkerDatabase database, Action<IHostApplicationBuilder> add, string? queue = null, params (string Name, string? Value)[] settings) =>
        StartScheduledAsync(database, add, queue, [.. WorkerProcess.NoSchedules.Select(name => (name, (string?)"")), .. settings]);

    /// <summary>Starts with the schedules as well.</summary>
    public static async Task<PlatformHost> StartScheduledAsync(
        WorkerDatabase database, Action<IHostApplicationBuilder> add, string? queue = null, params (string Name, string? Value)[] settings)
    {
        var host = new PlatformHost(database, (await GarnetServer.GetAsync()).ConnectionString, add, queue, settings);
        await host._host.StartAsync();
        return host;
    }

    /// <summary>Enqueues a job of the deployment's own, in the common database.</summary>
    public Task<Guid> EnqueueAsync<TPayload>(TPayload payload)
        where TPayload : notnull =>
        Services.GetRequiredService<IJobQueue>().EnqueueAsync(Services.GetRequiredService<NpgsqlDataSource>(), PlatformTenant.Id, payload);

    /// <summary>Works in one transaction of the tenant, as a feature does.</summary>
    public async Task<T> WriteAsync<T>(TenantId tenant, Func<TenantTransaction, IServiceProvider, Task<T>> work)
    {
        await using var scope = Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantContext>().Set(tenant);
        await using var transaction = await scope.ServiceProvider.GetRequiredService<PlatformDb>().BeginAsync();
        var result = await work(transaction, scope.ServiceProvider);
        await transaction.CommitAsync();
        return result;
    }

    public Task<Guid> EnqueueAsync<TPayload>(TenantId tenant, TPayload payload, JobOptions? options = null)
        where TPayload : notnull =>
        WriteAsync(tenant, (transaction, services) =>
            services.GetRequiredService<IJobQueue>().EnqueueAsync(transaction.Transaction, tenant, payload, options));

    /// <summary>Caches something that depends on a tag.</summary>
    /// <returns>Says whether it is still cached.</returns>
    public async Task<Func<Task<bool>>> CacheAsync(CacheTag tag)
    {
        var cache = Services.GetRequiredService<TenantCache>();
        var key = CacheKey.Create(tag.Tenant, CacheKinds.Reports, [tag], "test", Guid.NewGuid().ToString());
        async Task<bool> IsCachedAsync() => (await cache.GetOrCreateAsync(key, _ => Task.FromResult("value"))).IsHit;
        await IsCachedAsync();
        return IsCachedAsync;
    }

    public ValueTask<long> PublishAsync(TenantId tenant, TenantEvent tenantEvent, CancellationToken cancellationToken = default)
    {
        Events.Enqueue((tenant, tenantEvent));
        return ValueTask.FromResult((long)Events.Count);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable host)
            await host.DisposeAsync();
    }
}
