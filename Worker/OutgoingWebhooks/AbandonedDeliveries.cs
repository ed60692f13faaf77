using Npgsql;
using Platform.Data.Placement;
using Platform.Data.Webhooks;
using Platform.Tenancy;
using Platform.Worker.Events;

namespace Platform.Worker.OutgoingWebhooks;

/// <summary>Deliveries that say they are to come, and whose job no longer is.</summary>
internal sealed class AbandonedDeliveries(TenantDatabases databases) : IJobFollower
{
    /// <summary>
    /// Of tenant <c>$1</c>. A dead job's delivery has failed, and may be made again; anybody's who didn't want it is dropped. A handler records
    /// what it did before its job ends, so there are none between the two.
    /// Indexes: webhook_deliveries_pending_idx, job_pkey, pending_pkey, finished_pkey.
    /// </summary>
    /// <param name="further">What else must hold of <c>d</c>, and for how many at most.</param>
    public static string End(string further = "") =>
        $"""
        UPDATE webhook_deliveries d
        SET finished_at = now(), status = CASE WHEN dead.is_dead THEN 'failed' ELSE 'dropped' END,
            error = CASE WHEN dead.is_dead THEN COALESCE(d.error, 'The delivery broke off.') ELSE 'The delivery was cancelled.' END
        FROM (SELECT d.id, {FollowedJob.IsDead("d.job_id")} AS is_dead
              FROM webhook_deliveries d
              WHERE d.tenant_id = $1 AND d.status = 'pending' AND d.job_id IS NOT NULL
                  AND {FollowedJob.IsOver("d.job_id")} {further}) dead
        WHERE d.tenant_id = $1 AND d.id = dead.id
        """;

    public string JobType => DeliverWebhook.JobType;

    public async Task FollowAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var connection = await databases.For(tenant).OpenConnectionAsync(cancellationToken);
        await using var batch = connection.CreateBatch();
        foreach (var sql in (ReadOnlySpan<string>)["CALL set_tenant($1)", End()])
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = tenant.Value } } });
        if (await batch.ExecuteNonQueryAsync(cancellationToken) > 0)
            await databases.WroteAsync(tenant, connection);
    }
}
