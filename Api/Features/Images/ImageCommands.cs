using Microsoft.EntityFrameworkCore;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Images;
using Platform.Jobs;

namespace Platform.Api.Features.Images;

/// <summary>Reads and changes pictures of the current tenant; changes in the caller's transaction.</summary>
internal static class ImageCommands
{
    /// <summary>The picture's version, while whoever else wants to change it waits; null when there is none. Index: images_pkey.</summary>
    public static async Task<long?> LockAsync(TenantTransaction transaction, string kind, Guid owner, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateTenantCommand(
            "SELECT version FROM images WHERE tenant_id = $1 AND kind = $2 AND owner_id = $3 FOR UPDATE", kind, owner);
        return (long?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>The upload and its job together. Of two at once the later waits for the earlier, and stays. Indexes: images_pkey, image_uploads_pkey.</summary>
    /// <returns>The job's id.</returns>
    public static async Task<Guid> StoreAsync(
        TenantTransaction transaction, IJobQueue jobs, string kind, Guid owner, byte[] content, CancellationToken cancellationToken)
    {
        var upload = Guid.CreateVersion7();
        var job = await jobs.EnqueueAsync(
            transaction.Transaction, transaction.Tenant, new OptimizeImage(upload), options: null, cancellationToken);
        await transaction.ExecuteAsync(
            """
            INSERT INTO images AS known (tenant_id, kind, owner_id, upload_id, job_id) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (tenant_id, kind, owner_id) DO UPDATE SET
                upload_id = EXCLUDED.upload_id, job_id = EXCLUDED.job_id, status = 'queued', error = NULL, updated_at = now(),
                version = known.version + 1
            """,
            cancellationToken, kind, owner, upload, job);
        await transaction.ExecuteAsync(
            "DELETE FROM image_uploads WHERE tenant_id = $1 AND kind = $2 AND owner_id = $3", cancellationToken, kind, owner);
        await transaction.ExecuteAsync(
            "INSERT INTO image_uploads (tenant_id, kind, owner_id, content) VALUES ($1, $2, $3, $4)", cancellationToken, kind, owner, content);
        return job;
    }

    /// <summary>With its files. A job that is still to come finds nothing. Indexes: images_pkey, image_uploads_pkey, image_files_pkey.</summary>
    public static Task<int> DeleteAsync(TenantTransaction transaction, string kind, Guid owner, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync(
            "DELETE FROM images WHERE tenant_id = $1 AND kind = $2 AND owner_id = $3", cancellationToken, kind, owner);

    /// <summary>Indexes: images_pkey, image_files_pkey.</summary>
    public static async Task<ImageResponse?> FindAsync(PlatformDb db, string kind, Guid owner, CancellationToken cancellationToken)
    {
        if (await db.Set<Image>().SingleOrDefaultAsync(row => row.Kind == kind && row.OwnerId == owner, cancellationToken) is not { } image)
            return null;
        var files = await db.Set<ImageFile>().Where(row => row.Kind == kind && row.OwnerId == owner).OrderBy(row => row.Size)
            .Select(row => new ImageFileResponse(row.Size, row.Width, row.Height, row.Content.Length, ImageEndpoints.FilesPath + "/" + row.Hash))
            .ToListAsync(cancellationToken);
        return ImageResponse.From(image, files);
    }

    /// <summary>Index: image_files_hash_idx.</summary>
    public static Task<byte[]?> ReadAsync(PlatformDb db, string hash, CancellationToken cancellationToken) =>
        db.Set<ImageFile>().Where(row => row.Hash == hash).Select(row => row.Content).FirstOrDefaultAsync(cancellationToken);
}
