using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Webhooks;
using Platform.Jobs;

namespace Platform.Api.Features.OutgoingWebhooks;

/// <summary>Has an endpoint of the current tenant called because somebody asks for it.</summary>
internal sealed class WebhookDeliveryCommands(PlatformDb db, WebhookOutbox outbox, IJobQueue jobs, IJobReader reader)
{
    /// <summary>The type of a test's event; no endpoint has to ask for it.</summary>
    public const string TestType = "webhook.test";

    private const string Disabled = "The endpoint is disabled; enable it first.";

    /// <returns>The delivery, or why there is none.</returns>
    public async Task<(WebhookDelivery? Row, ProblemResult? Problem)> TestAsync(
        TenantTransaction transaction, Guid endpoint, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(endpoint, cancellationToken) is { } problem)
            return (null, problem);
        var id = await outbox.SendAsync(
            transaction, endpoint, new OutgoingEvent(TestType, JsonSerializer.SerializeToElement(new { endpointId = endpoint })), cancellationToken);
        return (await db.WebhookDeliveries.SingleAsync(row => row.Id == id, cancellationToken), null);
    }

    /// <summary>
    /// The very event once more, under the id its receiver knows. One that is still on its way is refused; one whose job ended without a
    /// record, as when its worker died at the last attempt, isn't.
    /// </summary>
    public async Task<(WebhookDelivery? Row, ProblemResult? Problem)> RedeliverAsync(
        TenantTransaction transaction, Guid endpoint, Guid id, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(endpoint, cancellationToken) is { } problem)
            return (null, problem);
        var tenant = transaction.Tenant;
        // Index: webhook_deliveries_pkey.
        var found = await db.WebhookDeliveries.FromSql(
            $"""
            SELECT * FROM webhook_deliveries
            WHERE tenant_id = {tenant.Value} AND id = {id} AND endpoint_id = {endpoint}
            FOR UPDATE
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
        if (found is not [var row])
            return (null, Problems.NotFound("delivery"));
        if (row is { Status: WebhookDeliveryStatus.Pending, JobId: { } job }
            && await reader.GetStatusAsync(transaction.Connection, tenant, job, cancellationToken) is { } status
            && !JobStates.IsFinished(status.State))
            return (null, Problems.Conflict("The delivery is still on its way.", "status"));

        var next = await jobs.EnqueueAsync(transaction.Transaction, tenant, new DeliverWebhook(id), null, cancellationToken);
        // Index: webhook_deliveries_pkey.
        var rows = await db.WebhookDeliveries.FromSql(
            $"""
            UPDATE webhook_deliveries SET status = {WebhookDeliveryStatus.Pending}, finished_at = NULL, job_id = {next}
            WHERE tenant_id = {tenant.Value} AND id = {id}
            RETURNING *
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
        return (rows.Single(), null);
    }

    /// <summary>The endpoint can't be deleted before the transaction ends. Index: webhook_endpoints_pkey.</summary>
    /// <returns>Null when it may be called.</returns>
    private async Task<ProblemResult?> RefusalAsync(Guid endpoint, CancellationToken cancellationToken)
    {
        var found = await db.WebhookEndpoints.FromSql(
            $"SELECT * FROM webhook_endpoints WHERE tenant_id = {db.Tenant.Value} AND id = {endpoint} FOR KEY SHARE")
            .IgnoreQueryFilters().ToListAsync(cancellationToken);
        return found is not [var row] ? Problems.NotFound("webhook endpoint")
            : row.DisabledAt is not null ? Problems.Conflict(Disabled, "disabled")
            : null;
    }
}
