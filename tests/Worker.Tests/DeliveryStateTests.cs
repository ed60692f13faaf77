using Microsoft.Extensions.DependencyInjection;
using Platform.Jobs;
using Platform.Worker.OutgoingWebhooks;
using static Platform.Worker.Tests.OutgoingWebhookCalls;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

/// <summary>Deliveries whose job ends without its handler.</summary>
[Trait("Req", "F9")]
[Trait("Req", "F2")]
public sealed class DeliveryStateTests
{
    [Fact]
    public async Task Delivery_is_dropped_when_its_waiting_job_is_cancelled_and_others_wait_on()
    {
        await using var database = await CreatePausedAsync();
        await using var host = await PlatformHost.StartAsync(
            database,
            builder =>
            {
                builder.AddOutgoingWebhooks();
                builder.AddJobTenantEvents();
            },
            null, ("Jobs:MaintenanceInterval", "00:00:00.2"));
        await EndpointAsync(database, host, "https://example.com/", ["*"]);
        await TellAsync(host, Acme, EventType, new { id = 1 });
        await TellAsync(host, Acme, EventType, new { id = 2 });
        await WaitAsync(database, "pending", 2);
        var job = await database.ScalarAsync<Guid>("SELECT job_id FROM webhook_deliveries ORDER BY id LIMIT 1");

        await host.WriteAsync(Acme, (transaction, services) =>
            services.GetRequiredService<IJobQueue>().CancelAsync(transaction.Transaction, Acme, job));

        await WaitAsync(database, "dropped", error: "The delivery was cancelled.");
        await WaitAsync(database, "pending");
        Assert.True(await database.ScalarAsync<bool>("SELECT finished_at IS NOT NULL FROM webhook_deliveries WHERE job_id = $1", job));
    }

    /// <summary>Paused before any Worker looks, so that none makes a delivery.</summary>
    private static async Task<WorkerDatabase> CreatePausedAsync()
    {
        var database = await WorkerDatabase.CreateAsync();
        await database.ScalarAsync<int>("INSERT INTO jobs.paused_tenants (tenant_id, queue) VALUES ($1, 'deliveries') RETURNING 1", Acme.Value);
        return database;
    }
}
