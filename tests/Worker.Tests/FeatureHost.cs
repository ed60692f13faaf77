using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Webhooks;
using Platform.Events;
using Platform.Jobs;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Worker.Tests;

/// <summary>The queue's engine and some of the Worker's features in this process, with database and Redis; what they publish is kept.</summary>
internal sealed class FeatureHost : IAsyncDisposable, ITenantEvents
{
    public const string EncryptionKey = "a-test-key-of-enough-characters";

    private readonly IHost _host;

    private FeatureHost(
        WorkerDatabase database, string redis, Action<IHostApplicationBuilder> features, (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:platform"] = database.AppConnectionString;
        builder.Configuration["ConnectionStrings:redis"] = redis;
        builder.Configuration["ENCRYPTION_KEY"] = EncryptionKey;
        foreach (var (name, value) in settings)
            builder.Configuration[name] = value;
        builder.Logging.SetMinimumLevel(LogLevel.Critical).AddSimpleConsole();
        builder.AddPlatformData();
        builder.AddRedisClient("redis");
        builder.AddTenantCache();
        builder.Services.AddSingleton<ITenantEvents>(this);
        builder.Services.AddWebhookOutbox();
        builder.AddJobWorker(options =>
        {
            options.ConnectionString = database.QueueConnectionString;
            options.PollInterval = TimeSpan.FromMilliseconds(100);
        });
        features(builder);
        _host = builder.Build();
    }

    public ConcurrentQueue<(TenantId Tenant, TenantEvent Event)> Events { get; } = new();

    public IServiceProvider Services => _host.Services;

    public static async Task<FeatureHost> StartAsync(
        WorkerDatabase database, Action<IHostApplicationBuilder> features, params (string Name, string Value)[] settings)
    {
        var host = new FeatureHost(database, (await GarnetServer.GetAsync()).ConnectionString, features, settings);
        await host._host.StartAsync();
        return host;
    }

    /// <summary>Works in one transaction of the tenant, as a feature does.</summary>
    public async Task<T> WriteAsync<T>(TenantId tenant, Func<TenantTransaction, IServiceProvider, Task<T>> work)
    {
        await using var scope = _host.Services.CreateAsyncScope();
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

    public ValueTask<long> PublishAsync(TenantId tenant, TenantEvent tenantEvent, CancellationToken cancellationToken = default)
    {
        Events.Enqueue((tenant, tenantEvent));
        return ValueTask.FromResult((long)Events.Count);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
