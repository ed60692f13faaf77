using Platform.Data;
using Platform.Data.Webhooks;
using Platform.Jobs;
using Platform.Tenancy;

namespace Platform.Api.Features.Webhooks;

/// <summary>Stores a call and has it worked on later, both or neither.</summary>
internal sealed class WebhookIntake(IServiceScopeFactory scopes, IJobQueue jobs)
{
    /// <returns>False when it was there already; then nothing happens.</returns>
    public async Task<bool> TakeAsync(
        CallingSource source, string provider, string externalId, byte[] body, CancellationToken cancellationToken)
    {
        // Of its own: whoever calls may be signed in to another tenant.
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantContext>().Set(source.Tenant);
        var db = scope.ServiceProvider.GetRequiredService<PlatformDb>();
        // Sorted, so that two calls about the same senders don't wait for each other.
        var lanes = WebhookPayload.Read(provider, body).Select(item => item.Lane).Distinct().Order(StringComparer.Ordinal).ToList();

        await using var transaction = await db.BeginAsync(cancellationToken);
        var id = Guid.CreateVersion7();
        // Index: webhook_events_external_key decides what was there.
        await using (var insert = transaction.CreateCommand(
            """
            INSERT INTO webhook_events (tenant_id, id, source_id, external_id, payload) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (tenant_id, source_id, external_id) DO NOTHING
            """))
        {
            insert.Parameters.AddWithValue(source.Tenant.Value);
            insert.Parameters.AddWithValue(id);
            insert.Parameters.AddWithValue(source.Id);
            insert.Parameters.AddWithValue(externalId);
            insert.Parameters.AddWithValue(body);
            if (await insert.ExecuteNonQueryAsync(cancellationToken) == 0)
                return false;
        }
        foreach (var lane in lanes)
        {
            await jobs.EnqueueAsync(
                transaction.Transaction, source.Tenant, new ProcessWebhook(id, lane), new JobOptions { Lane = lane }, cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
