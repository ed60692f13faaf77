using Microsoft.Extensions.DependencyInjection;
using Platform.Jobs;
using Platform.Worker.CleanUp;
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

    [Fact]
    public async Task Clean_up_ends_deliveries_nobody_heard_of()
    {
        await using var database = await CreatePausedAsync();
        // It must be gone before the clean-up is enqueued, which it would take and not know.
        await using (var host = await StartAsync(database))
        {
            await EndpointAsync(database, host, "https://example.com/", ["*"]);
            for (var i = 0; i < 4; i++)
                await TellAsync(host, Acme, EventType, new { id = i });
        }

        // The first died with its worker, the second's job is forgotten already; the third is too young, the fourth still waits.
        await database.ScalarAsync<int>(
            """
            WITH numbered AS (SELECT job_id, row_number() OVER (ORDER BY id) AS n FROM webhook_deliveries),
            aged AS (UPDATE webhook_deliveries d SET created_at = now() - interval '1 day' FROM numbered x WHERE x.job_id = d.job_id AND n <> 3),
            gone AS (DELETE FROM jobs.pending p USING numbered x WHERE p.id = x.job_id AND n <= 3 RETURNING id),
            dead AS (INSERT INTO jobs.finished (id, tenant_id, finished_at, attempt, state) SELECT job_id, $1, now(), 3, 'dead' FROM numbered WHERE n = 1)
            SELECT count(*)::int FROM gone
            """,
            Acme.Value);

        await using var cleaning = await PlatformHost.StartAsync(database, builder => builder.AddCleanUp());
        await database.WaitForAsync(Platform.Tenancy.PlatformTenant.Id, await cleaning.EnqueueAsync(new CleanUpData()), JobStates.Succeeded);

        Assert.Equal("failed The delivery broke off.,dropped The delivery was cancelled.,pending -,pending -", await database.ScalarAsync<string>(
            "SELECT string_agg(status || ' ' || COALESCE(error, '-'), ',' ORDER BY id) FROM webhook_deliveries"));
    }

    /// <summary>Paused before any Worker looks, so that none makes a delivery.</summary>
    private static async Task<WorkerDatabase> CreatePausedAsync()
    {
        var database = await WorkerDatabase.CreateAsync();
        await database.ScalarAsync<int>("INSERT INTO jobs.paused_tenants (tenant_id, queue) VALUES ($1, 'deliveries') RETURNING 1", Acme.Value);
        return database;
    }
}
