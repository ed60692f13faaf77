using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.Data.Security;
using Platform.Data.Webhooks;
using Platform.Tenancy;
using Platform.Testing;
using Platform.Worker.OutgoingWebhooks;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

/// <summary>What tests of calls to other systems need.</summary>
internal static class OutgoingWebhookCalls
{
    public const string EventType = "contact.created";

    public static readonly (string, string?) Loopback = ("OutgoingWebhooks:AllowLoopback", "true");

    public static Task<PlatformHost> StartAsync(WorkerDatabase database, params (string, string?)[] settings) =>
        PlatformHost.StartAsync(database, builder => builder.AddOutgoingWebhooks(), null, settings);

    public static async Task<Guid> EndpointAsync(
        WorkerDatabase database, PlatformHost host, string url, string[] types, string? secret = null, string? previous = null, TenantId? tenant = null)
    {
        var (owner, id, protector) = (tenant ?? Acme, Guid.CreateVersion7(), host.Services.GetRequiredService<SecretProtector>());
        return await database.ScalarAsync<Guid>(
            """
            INSERT INTO webhook_endpoints (tenant_id, id, url, secret, previous_secret, event_types)
            VALUES ($1, $2, $3, $4, NULLIF($5, ''), $6) RETURNING id
            """,
            owner.Value, id, url, WebhookSecrets.Protect(protector, owner, id, secret ?? WebhookSecrets.Create()),
            previous is null ? "" : WebhookSecrets.Protect(protector, owner, id, previous), types);
    }

    public static Task<int> TellAsync(PlatformHost host, TenantId tenant, string type, object data) =>
        host.WriteAsync(tenant, (transaction, services) =>
        {
            services.GetRequiredService<WebhookOutbox>().Add(transaction, new OutgoingEvent(type, JsonSerializer.SerializeToElement(data)));
            return Task.FromResult(0);
        });

    public static Task WaitAsync(WorkerDatabase database, string status, long count = 1, string? error = null) => Eventually.TrueAsync(
        async () => await database.ScalarAsync<long>(
            "SELECT count(*) FROM webhook_deliveries WHERE status = $1 AND ($2 = '' OR error = $2)", status, error ?? "") == count,
        TimeSpan.FromSeconds(30), $"There never were {count} deliveries that are {status}: {error}");
}
