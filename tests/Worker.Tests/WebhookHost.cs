using System.Collections.Concurrent;
using System.Text;
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
using Platform.Worker.Handlers;

namespace Platform.Worker.Tests;

/// <summary>The queue's engine and the webhook handler in this process, with database and Redis; what they publish is kept.</summary>
internal sealed class WebhookHost : IAsyncDisposable, ITenantEvents
{
    private readonly IHost _host;
    private readonly WorkerDatabase _database;

    private WebhookHost(WorkerDatabase database, string redis)
    {
        _database = database;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:platform"] = database.AppConnectionString;
        builder.Configuration["ConnectionStrings:redis"] = redis;
        builder.Configuration["ENCRYPTION_KEY"] = "a-test-key-of-enough-characters";
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddSimpleConsole();
        builder.AddPlatformData();
        builder.AddRedisClient("redis");
        builder.AddTenantCache();
        builder.Services.AddSingleton<ITenantEvents>(this);
        builder.AddJobWorker(options => options.ConnectionString = database.QueueConnectionString);
        builder.Services.AddJobHandler<ProcessWebhook, ProcessWebhookHandler>();
        builder.AddWebhooks();
        _host = builder.Build();
    }

    public ConcurrentQueue<(TenantId Tenant, TenantEvent Event)> Events { get; } = new();

    /// <summary>Called with each event that is published.</summary>
    public Action<TenantEvent>? OnEvent { get; set; }

    public static async Task<WebhookHost> StartAsync(WorkerDatabase database)
    {
        var host = new WebhookHost(database, (await GarnetServer.GetAsync()).ConnectionString);
        await host._host.StartAsync();
        return host;
    }

    public Task<Guid> SourceAsync(TenantId tenant, string provider) => _database.ScalarAsync<Guid>(
        """
        INSERT INTO webhook_sources (tenant_id, id, provider, slug, name, secret)
        VALUES ($1, gen_random_uuid(), $2, 'slug-' || gen_random_uuid(), 'Test', 'none') RETURNING id
        """,
        tenant.Value, provider);

    /// <summary>Stores a call and its jobs as the API does.</summary>
    public async Task<(Guid Event, IReadOnlyList<Guid> Jobs)> CallAsync(TenantId tenant, Guid source, string provider, string body)
    {
        await using var scope = _host.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantContext>().Set(tenant);
        var db = scope.ServiceProvider.GetRequiredService<PlatformDb>();
        var queue = scope.ServiceProvider.GetRequiredService<IJobQueue>();
        var (id, bytes, jobs) = (Guid.CreateVersion7(), Encoding.UTF8.GetBytes(body), new List<Guid>());
        await using var transaction = await db.BeginAsync();
        await using var insert = transaction.CreateCommand(
            "INSERT INTO webhook_events (tenant_id, id, source_id, external_id, payload) VALUES ($1, $2, $3, $4, $5)");
        foreach (var value in new object[] { tenant.Value, id, source, $"call-{id:N}", bytes })
            insert.Parameters.AddWithValue(value);
        await insert.ExecuteNonQueryAsync();
        foreach (var lane in WebhookPayload.Read(provider, bytes).Select(item => item.Lane).Distinct())
            jobs.Add(await queue.EnqueueAsync(transaction.Transaction, tenant, new ProcessWebhook(id, lane), new JobOptions { Lane = lane }));
        await transaction.CommitAsync();
        return (id, jobs);
    }

    /// <summary>Stores a call, waits until it is worked on, and says what became of it.</summary>
    public async Task<(string Status, string? Error)> ProcessAsync(TenantId tenant, Guid source, string provider, string body)
    {
        var (id, jobs) = await CallAsync(tenant, source, provider, body);
        foreach (var job in jobs)
            await _database.WaitForAsync(tenant, job, JobStates.Succeeded);
        var outcome = await _database.ScalarAsync<string>("SELECT status || '|' || COALESCE(error, '') FROM webhook_events WHERE id = $1", id);
        return (outcome.Split('|')[0], outcome.Split('|')[1] is { Length: > 0 } error ? error : null);
    }

    public ValueTask<long> PublishAsync(TenantId tenant, TenantEvent tenantEvent, CancellationToken cancellationToken = default)
    {
        Events.Enqueue((tenant, tenantEvent));
        OnEvent?.Invoke(tenantEvent);
        return ValueTask.FromResult((long)Events.Count);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
