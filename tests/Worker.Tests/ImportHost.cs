using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Data.Imports;
using Platform.Data.Placement;
using Platform.Events;
using Platform.Jobs;
using Platform.Tenancy;
using Platform.Worker.Handlers;
using Platform.Worker.Imports;

namespace Platform.Worker.Tests;

/// <summary>The queue's engine and the import handler in this process; what they publish is kept, and may be answered by a fault.</summary>
internal sealed class ImportHost : IAsyncDisposable, ITenantEvents
{
    private readonly IHost _host;
    private readonly Action<TenantEvent>? _onEvent;

    private ImportHost(WorkerDatabase database, int batchRows, Action<TenantEvent>? onEvent)
    {
        _onEvent = onEvent;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddSimpleConsole();
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(database.AppConnectionString));
        builder.Services.AddSingleton(services => new TenantDatabases(services.GetRequiredService<NpgsqlDataSource>()));
        builder.Services.AddSingleton<ITenantEvents>(this);
        builder.AddContactImports();
        builder.Services.Configure<ImportOptions>(options => options.BatchRows = batchRows);
        builder.AddJobWorker(options => options.ConnectionString = database.QueueConnectionString);
        builder.Services.AddJobHandler<ImportContacts, ImportContactsHandler>();
        _host = builder.Build();
    }

    public ConcurrentQueue<(TenantId Tenant, TenantEvent Event)> Events { get; } = new();

    public static async Task<ImportHost> StartAsync(WorkerDatabase database, int batchRows = 2000, Action<TenantEvent>? onEvent = null)
    {
        var host = new ImportHost(database, batchRows, onEvent);
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
