using Microsoft.EntityFrameworkCore;
using Platform.Data;
using Platform.Data.Campaigns;

namespace Platform.Api.Features.Campaigns;

/// <summary>Changes campaigns of the current tenant, in the caller's transaction; all by campaigns_pkey.</summary>
internal static class CampaignCommands
{
    public static Task<Campaign> CreateAsync(PlatformDb db, CampaignFields fields, Guid? userId, CancellationToken cancellationToken)
    {
        var (tenant, id, audience) = (db.Tenant.Value, Guid.CreateVersion7(), fields.Audience.ToJson());
        return OneAsync(db.Campaigns.FromSql(
            $"""
            INSERT INTO campaigns (tenant_id, id, name, channel, subject, body, audience, created_by)
            VALUES ({tenant}, {id}, {fields.Name}, {fields.Channel}, {fields.Subject}, {fields.Body}, {audience}::jsonb, {userId})
            RETURNING *
            """), cancellationToken);
    }

    public static Task<Campaign> UpdateAsync(PlatformDb db, Guid id, CampaignFields fields, CancellationToken cancellationToken)
    {
        var (tenant, audience) = (db.Tenant.Value, fields.Audience.ToJson());
        return OneAsync(db.Campaigns.FromSql(
            $"""
            UPDATE campaigns
            SET name = {fields.Name}, channel = {fields.Channel}, subject = {fields.Subject}, body = {fields.Body},
                audience = {audience}::jsonb, updated_at = now(), version = version + 1
            WHERE tenant_id = {tenant} AND id = {id}
            RETURNING *
            """), cancellationToken);
    }

    /// <param name="scheduledAt">Null leaves it as it is.</param>
    /// <param name="jobId">The job that is to send it; null leaves it as it is.</param>
    public static Task<Campaign> MoveAsync(
        PlatformDb db, Guid id, string status, DateTimeOffset? scheduledAt, Guid? jobId, CancellationToken cancellationToken)
    {
        var tenant = db.Tenant.Value;
        return OneAsync(db.Campaigns.FromSql(
            $"""
            UPDATE campaigns
            SET status = {status}, scheduled_at = COALESCE({scheduledAt}, scheduled_at), job_id = COALESCE({jobId}, job_id),
                finished_at = CASE WHEN {status} = 'cancelled' THEN now() ELSE finished_at END,
                updated_at = now(), version = version + 1
            WHERE tenant_id = {tenant} AND id = {id}
            RETURNING *
            """), cancellationToken);
    }

    private static async Task<Campaign> OneAsync(IQueryable<Campaign> statement, CancellationToken cancellationToken) =>
        (await statement.IgnoreQueryFilters().ToListAsync(cancellationToken)).Single();
}
