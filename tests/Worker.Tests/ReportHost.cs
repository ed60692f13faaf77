using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Caching;
using Platform.Data.Placement;
using Platform.Events;
using Platform.Jobs;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.Worker.Tests;

/// <summary>The queue's engine and the report handler in this process; what they publish is kept, and may be answered by a fault.</summary>
internal sealed class ReportHost : IAsyncDisposable, ITenantEvents
{
    private readonly IHost _host;
    private readonly Action<TenantEvent>? _onEvent;

    private ReportHost(WorkerDatabase database, string redis, Action<TenantEvent>? onEvent)
    {
        _onEvent = onEvent;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:redis"] = redis });
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddSimpleConsole();
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(database.AppConnectionString));
        builder.Services.AddSingleton(services => new TenantDatabases(services.GetRequiredService<NpgsqlDataSource>()));
        builder.Services.AddSingleton<ITenantEvents>(this);
        builder.AddRedisClient("redis");
        builder.AddTenantCache();
        builder.AddReports();
        builder.AddJobWorker(options => options.ConnectionString = database.QueueConnectionString);
        _host = builder.Build();
    }

    public ConcurrentQueue<(TenantId Tenant, TenantEvent Event)> Events { get; } = new();

    public TenantCache Cache => _host.Services.GetRequiredService<TenantCache>();

    public static async Task<ReportHost> StartAsync(WorkerDatabase database, Action<TenantEvent>? onEvent = null)
    {
        var host = new ReportHost(database, (await GarnetServer.GetAsync()).ConnectionString, onEvent);
        await host._host.StartAsync();
        return host;
    }

    public ValueTask<long> PublishAsync(TenantId tenant, TenantEvent tenantEvent, CancellationToken cancellationToken = default)
    {
        Events.Enqueue((tenant, tenantEvent));
        _onEvent?.Invoke(tenantEvent);
        return ValueTask.FromResult((long)Events.Count);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
