using Npgsql;
using Platform.Data;
using Platform.Data.Campaigns;
using Platform.Data.Placement;
using Platform.Jobs;
using Platform.Tenancy;
using Platform.Worker.Events;

namespace Platform.Worker.Campaigns;

/// <summary>
/// Gives campaigns a job that were scheduled, or had begun, when nothing sent them yet. The row is locked while its job is enqueued, so
/// each gets one, whatever else goes on. One whose time is long over isn't sent to everybody's surprise, but paused.
/// </summary>
internal sealed class AdoptCampaignsHandler(
    TenantDatabases databases, IServiceScopeFactory scopes, IJobQueue jobs, TenantNotices notices) : IJobHandler<AdoptCampaigns>
{
    private const int AtOnce = 500;

    private static readonly TimeSpan LongOver = TimeSpan.FromDays(1);

    public async Task<object?> RunAsync(AdoptCampaigns payload, JobContext context, CancellationToken cancellationToken)
    {
        var (enqueued, paused) = (0, 0);
        foreach (var database in databases.All)
        {
            foreach (var (tenant, id) in await FindAsync(database, cancellationToken))
            {
                // What is left of a placed tenant in the common database isn't its data.
                if (databases.For(tenant) != database)
                    continue;
                await using var scope = scopes.CreateAsyncScope();
                scope.ServiceProvider.GetRequiredService<TenantContext>().Set(tenant);
                var isPaused = await AdoptAsync(scope.ServiceProvider.GetRequiredService<PlatformDb>(), id, cancellationToken);
                enqueued += isPaused is false ? 1 : 0;
                paused += isPaused is true ? 1 : 0;
            }
        }
        return new { enqueued, paused };
    }

    /// <summary>Index: campaigns_without_job_idx.</summary>
    private static async Task<List<(TenantId Tenant, Guid Id)>> FindAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT tenant_id, id FROM campaigns_without_job($1)");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = AtOnce });
        var found = new List<(TenantId, Guid)>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            found.Add((new TenantId(row.GetGuid(0)), row.GetGuid(1)));
        return found;
    }

    /// <returns>Whether it was paused instead of given a job; null when it no longer needs one.</returns>
    private async Task<bool?> AdoptAsync(PlatformDb db, Guid id, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await LockAsync(transaction, id, cancellationToken) is not var (name, wait))
            return null;
        var isLongOver = wait < -LongOver;
        Guid? job = isLongOver ? null : await jobs.EnqueueAsync(
            transaction.Transaction, transaction.Tenant, new SendCampaign(id),
            new JobOptions { Lane = SendCampaign.Lane(id), Delay = wait > TimeSpan.Zero ? wait : TimeSpan.Zero }, cancellationToken);
        // Index: campaigns_pkey.
        await using var update = transaction.CreateTenantCommand(
            """
            UPDATE campaigns
            SET job_id = $3, status = CASE WHEN $3 IS NULL THEN 'paused' ELSE status END, updated_at = now(), version = version + 1
            WHERE tenant_id = $1 AND id = $2
            """,
            id);
        update.Parameters.AddNullable(NpgsqlTypes.NpgsqlDbType.Uuid, job);
        await update.ExecuteNonQueryAsync(cancellationToken);
        if (isLongOver)
            notices.Tell(transaction, "campaign.paused", new { id, name, status = CampaignStatus.Paused, reason = "Its time was over when it could be sent." });
        await transaction.CommitAsync(cancellationToken);
        return isLongOver;
    }

    /// <summary>Index: campaigns_pkey.</summary>
    /// <returns>Its name and how long until it is to begin, negative when that is over; null when it no longer needs a job.</returns>
    private static async Task<(string Name, TimeSpan Wait)?> LockAsync(TenantTransaction transaction, Guid id, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateTenantCommand(
            """
            SELECT name, CASE WHEN status = 'scheduled' THEN scheduled_at - clock_timestamp() ELSE interval '0' END
            FROM campaigns
            WHERE tenant_id = $1 AND id = $2 AND job_id IS NULL AND status IN ('scheduled', 'sending')
            FOR NO KEY UPDATE
            """,
            id);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (row.GetString(0), row.GetTimeSpan(1)) : null;
    }
}
