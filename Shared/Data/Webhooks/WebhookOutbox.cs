using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;
using Platform.Jobs;
using Platform.Tenancy;

namespace Platform.Data.Webhooks;

/// <summary>
/// Where events for a tenant's endpoints are put: deliveries and their jobs are stored in the transaction of the change they tell of, so
/// there is one if, and only if, the change was made.
/// </summary>
public sealed class WebhookOutbox(IJobQueue jobs, TimeProvider time)
{
    // The text is signed, stored and sent as it is: what needn't be escaped isn't.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Remembers an event; it is stored as the transaction commits, together with its others.</summary>
    public void Add(TenantTransaction transaction, OutgoingEvent outgoing)
    {
        if (transaction.OutgoingEvents.Count == 0)
        {
            transaction.BeforeCommit(token =>
                AddAsync(transaction.Transaction, transaction.Tenant, transaction.OutgoingEvents, token));
        }
        transaction.OutgoingEvents.Add(outgoing);
    }

    /// <summary>Stores a delivery and enqueues its job for each event and each endpoint that wants it.</summary>
    /// <param name="transaction">The tenant must be set in it.</param>
    public async Task AddAsync(
        NpgsqlTransaction transaction, TenantId tenant, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        var endpoints = await SubscribersAsync(transaction, tenant, events, cancellationToken);
        if (endpoints.Count == 0)
            return;
        var deliveries = new List<Delivery>();
        foreach (var outgoing in events)
        {
            var first = Create(default, outgoing);
            foreach (var (endpoint, wanted) in endpoints)
            {
                if (wanted.Contains(outgoing.Type) || wanted.Contains(WebhookEndpointRules.AllEvents))
                    deliveries.Add(first with { Id = Guid.CreateVersion7(time.GetUtcNow()), Endpoint = endpoint });
            }
        }
        await StoreAsync(transaction, tenant, deliveries, cancellationToken);
    }

    /// <summary>Stores a delivery for one endpoint, whatever it wants to be told of, and enqueues its job.</summary>
    /// <param name="transaction">Keeps the endpoint from being deleted.</param>
    /// <returns>The delivery's id.</returns>
    public async Task<Guid> SendAsync(
        TenantTransaction transaction, Guid endpoint, OutgoingEvent outgoing, CancellationToken cancellationToken)
    {
        var delivery = Create(endpoint, outgoing);
        await StoreAsync(transaction.Transaction, transaction.Tenant, [delivery], cancellationToken);
        return delivery.Id;
    }

    private Delivery Create(Guid endpoint, OutgoingEvent outgoing)
    {
        var now = time.GetUtcNow();
        return new Delivery(
            Guid.CreateVersion7(now), endpoint, Guid.CreateVersion7(now), outgoing.Type,
            JsonSerializer.Serialize(new { type = outgoing.Type, timestamp = now.UtcDateTime, data = outgoing.Data }, Json));
    }

    private async Task StoreAsync(
        NpgsqlTransaction transaction, TenantId tenant, List<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var jobIds = await jobs.EnqueueManyAsync(
            transaction, tenant, deliveries.ConvertAll(delivery => new DeliverWebhook(delivery.Id)), null, cancellationToken);
        // Indexes: those of webhook_deliveries are appended to.
        await using var insert = new NpgsqlCommand(
            """
            INSERT INTO webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, payload, job_id)
            SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[])
            """,
            transaction.Connection, transaction);
        insert.Parameters.AddWithValue(tenant.Value);
        Add(delivery => delivery.Id);
        Add(delivery => delivery.Endpoint);
        Add(delivery => delivery.Event);
        Add(delivery => delivery.Type);
        Add(delivery => delivery.Payload);
        insert.Parameters.AddWithValue(jobIds.ToArray());
        await insert.ExecuteNonQueryAsync(cancellationToken);

        void Add<T>(Func<Delivery, T> column) => insert.Parameters.AddWithValue(deliveries.Select(column).ToArray());
    }

    /// <summary>The enabled endpoints that want one of the events; they can't be deleted before the transaction ends.</summary>
    private static async Task<List<(Guid Id, string[] Types)>> SubscribersAsync(
        NpgsqlTransaction transaction, TenantId tenant, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        // Index: webhook_endpoints_pkey; a tenant has few of them.
        await using var command = new NpgsqlCommand(
            """
            SELECT id, event_types FROM webhook_endpoints
            WHERE tenant_id = $1 AND disabled_at IS NULL AND event_types && $2
            ORDER BY id
            FOR KEY SHARE
            """,
            transaction.Connection, transaction);
        command.Parameters.AddWithValue(tenant.Value);
        command.Parameters.AddWithValue(events.Select(outgoing => outgoing.Type).Append(WebhookEndpointRules.AllEvents).Distinct().ToArray());
        var endpoints = new List<(Guid, string[])>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            endpoints.Add((reader.GetGuid(0), reader.GetFieldValue<string[]>(1)));
        return endpoints;
    }

    private sealed record Delivery(Guid Id, Guid Endpoint, Guid Event, string Type, string Payload);
}
