using Platform.Data.Images;
using Platform.Tenancy;
using Platform.Worker.Events;

namespace Platform.Worker.Images;

/// <summary>Uploads that say their job is to come when it no longer is.</summary>
internal sealed class AbandonedUploads(ImageStore store, ImageNotices notices) : IJobFollower
{
    /// <summary>What an upload says whose job was cancelled, or failed for the last time; also when its handler was there.</summary>
    public const string Cancelled = "Somebody cancelled the job.", Failed = "The picture could not be made ready.";

    public string JobType => OptimizeImage.JobType;

    /// <summary>
    /// Of tenant <c>$1</c>. A dead job's original stays, for the job may be sent again. A handler records what it did before its job ends, so there
    /// is none between the two. Indexes: images_pkey, of the tenant's few; job_pkey, pending_pkey, finished_pkey, image_uploads_pkey.
    /// </summary>
    /// <param name="further">What else must hold of <c>i</c>, and for how many at most.</param>
    /// <returns>The beginning of a statement; what it says of the rows <c>ended</c> (kind, owner_id, upload_id) follows.</returns>
    public static string End(string further = "") =>
        $"""
        WITH ended AS (
            UPDATE images i SET status = 'failed', updated_at = now(), version = i.version + 1,
                error = CASE WHEN gone.is_dead THEN '{Failed}' ELSE '{Cancelled}' END
            FROM (SELECT i.upload_id, {FollowedJob.IsDead("i.job_id")} AS is_dead
                  FROM images i
                  WHERE i.tenant_id = $1 AND i.status = 'queued'
                      AND {FollowedJob.IsOver("i.job_id")} {further}) gone
            WHERE i.tenant_id = $1 AND i.upload_id = gone.upload_id AND i.status = 'queued'
            RETURNING i.kind, i.owner_id, i.upload_id, gone.is_dead
        ), dropped AS (
            DELETE FROM image_uploads u USING ended e WHERE u.tenant_id = $1 AND u.kind = e.kind AND u.owner_id = e.owner_id AND NOT e.is_dead
        )
        """;

    public async Task FollowAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        foreach (var image in await store.EndAbandonedAsync(tenant, cancellationToken))
            await notices.TellAsync(tenant, image, ImageStatus.Failed);
    }
}
