using Npgsql;
using NpgsqlTypes;
using Platform.Data.Images;
using Platform.Data.Placement;
using Platform.Tenancy;

namespace Platform.Worker.Images;

/// <summary>Uploads and what is made of them in the tenant's database, as role <c>platform_app</c> under row-level security.</summary>
internal sealed class ImageStore(TenantDatabases databases)
{
    /// <summary>Indexes: images_upload_key, image_uploads_pkey.</summary>
    /// <returns>Null when another upload has replaced this one, or its owner has deleted it.</returns>
    public async Task<UploadedImage?> FindAsync(TenantId tenant, Guid upload, CancellationToken cancellationToken)
    {
        await using var connection = await databases.For(tenant).OpenConnectionAsync(cancellationToken);
        await using var batch = CreateBatch(connection, tenant);
        Add(batch, tenant,
            """
            SELECT i.kind, i.owner_id, i.status, u.content
            FROM images i LEFT JOIN image_uploads u ON u.tenant_id = $1 AND u.kind = i.kind AND u.owner_id = i.owner_id
            WHERE i.tenant_id = $1 AND i.upload_id = $2
            """,
            upload);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new UploadedImage(
                upload, reader.GetString(0), reader.GetGuid(1), reader.GetString(2),
                await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetFieldValue<byte[]>(3))
            : null;
    }

    /// <summary>
    /// The new files take the place of those before, and the original goes, in one transaction that only one attempt of one upload
    /// gets through. Indexes: images_upload_key, image_files_pkey, image_uploads_pkey.
    /// </summary>
    /// <returns>False when there is nothing to complete any more.</returns>
    public async Task<bool> CompleteAsync(
        TenantId tenant, UploadedImage image, IReadOnlyList<(string Hash, OptimizedImage File)> files, CancellationToken cancellationToken)
    {
        await using var connection = await databases.For(tenant).OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await EndAsync(transaction, tenant, image, ImageStatus.Completed, error: null, cancellationToken))
            return false;
        await using (var batch = new NpgsqlBatch(connection, transaction))
        {
            Add(batch, tenant, "DELETE FROM image_files WHERE tenant_id = $1 AND kind = $2 AND owner_id = $3", image.Kind, image.OwnerId);
            foreach (var (hash, file) in files)
            {
                Add(batch, tenant,
                    """
                    INSERT INTO image_files (tenant_id, kind, owner_id, size, hash, width, height, content)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                    """,
                    image.Kind, image.OwnerId, file.Target.Size, hash, file.Width, file.Height, file.Content);
            }
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        await CommitAsync(transaction, tenant, cancellationToken);
        return true;
    }

    /// <summary>The upload can't be shown; what was shown before stays. Indexes: images_upload_key, image_uploads_pkey.</summary>
    /// <param name="keepOriginal">Whether sending the job again might help.</param>
    /// <returns>False when there is nothing to fail any more.</returns>
    public async Task<bool> FailAsync(
        TenantId tenant, UploadedImage image, string error, bool keepOriginal, CancellationToken cancellationToken)
    {
        await using var connection = await databases.For(tenant).OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await EndAsync(transaction, tenant, image, ImageStatus.Failed, error, cancellationToken, keepOriginal))
            return false;
        await CommitAsync(transaction, tenant, cancellationToken);
        return true;
    }

    /// <summary>See <see cref="AbandonedUploads"/>.</summary>
    /// <returns>Those that were ended, without their content.</returns>
    public async Task<IReadOnlyList<UploadedImage>> EndAbandonedAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var connection = await databases.For(tenant).OpenConnectionAsync(cancellationToken);
        var ended = new List<UploadedImage>();
        await using (var batch = CreateBatch(connection, tenant))
        {
            Add(batch, tenant, AbandonedUploads.End() + " SELECT kind, owner_id, upload_id FROM ended");
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                ended.Add(new UploadedImage(reader.GetGuid(2), reader.GetString(0), reader.GetGuid(1), ImageStatus.Failed, null));
        }

        if (ended.Count > 0)
            await databases.WroteAsync(tenant, connection);
        return ended;
    }

    /// <summary>The row is locked from here on: another upload of the same owner waits, or has been before and is found.</summary>
    private static async Task<bool> EndAsync(
        NpgsqlTransaction transaction, TenantId tenant, UploadedImage image, string status, string? error,
        CancellationToken cancellationToken, bool keepOriginal = false)
    {
        await using var batch = CreateBatch(transaction.Connection!, tenant);
        batch.Transaction = transaction;
        var update = Add(batch, tenant,
            """
            UPDATE images SET status = $3, error = $4, updated_at = now(), version = version + 1
            WHERE tenant_id = $1 AND upload_id = $2 AND status <> 'completed'
            """,
            image.UploadId, status, new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)error ?? DBNull.Value });
        if (!keepOriginal)
        {
            Add(batch, tenant,
                """
                DELETE FROM image_uploads u USING images i
                WHERE u.tenant_id = $1 AND i.tenant_id = $1 AND i.upload_id = $2 AND u.kind = i.kind AND u.owner_id = i.owner_id
                """,
                image.UploadId);
        }
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return update.RecordsAffected == 1;
    }

    private async Task CommitAsync(NpgsqlTransaction transaction, TenantId tenant, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        await transaction.CommitAsync(cancellationToken);
        await databases.WroteAsync(tenant, connection);
    }

    private static NpgsqlBatch CreateBatch(NpgsqlConnection connection, TenantId tenant)
    {
        var batch = connection.CreateBatch();
        Add(batch, tenant, "CALL set_tenant($1)");
        return batch;
    }

    private static NpgsqlBatchCommand Add(NpgsqlBatch batch, TenantId tenant, string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddWithValue(tenant.Value);
        foreach (var value in values)
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value });
        batch.BatchCommands.Add(command);
        return command;
    }
}
