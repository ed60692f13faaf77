using System.Security.Claims;
using Npgsql;
using NpgsqlTypes;
using Platform.Api.Features.Auth;
using Platform.Data;
using Platform.Data.Billing;
using Platform.Data.Imports;
using Platform.Jobs;

namespace Platform.Api.Features.Imports;

/// <summary>Puts an upload into the database.</summary>
internal static class ImportCommands
{
    /// <summary>The file in chunks, the import and its job in one transaction: the job finds everything, or isn't there.</summary>
    /// <param name="transaction">For the caller to commit.</param>
    public static async Task<ImportAccepted> CreateAsync(
        TenantTransaction transaction, IJobQueue jobs, UploadedFile file, ClaimsPrincipal by, CancellationToken cancellationToken)
    {
        var importId = Guid.CreateVersion7();
        await InsertChunksAsync(transaction, importId, file, cancellationToken);
        var jobId = await jobs.EnqueueAsync(
            transaction.Transaction, transaction.Tenant, new ImportContacts(importId), options: null, cancellationToken);
        await using var insert = transaction.CreateCommand(
            "INSERT INTO imports (tenant_id, id, file_name, total_bytes, job_id, created_by, created_by_key) VALUES ($1, $2, $3, $4, $5, $6, $7)");
        insert.Parameters.AddWithValue(transaction.Tenant.Value);
        insert.Parameters.AddWithValue(importId);
        insert.Parameters.AddWithValue(file.Name);
        insert.Parameters.AddWithValue(file.Length);
        insert.Parameters.AddWithValue(jobId);
        insert.Parameters.Add(OptionalId(by.FindUserId()));
        insert.Parameters.Add(OptionalId(by.ApiKeyId()));
        await insert.ExecuteNonQueryAsync(cancellationToken);
        await Usage.CountAsync(transaction, UsageMetrics.Imports, cancellationToken);
        return new ImportAccepted(importId, jobId);
    }

    private static NpgsqlParameter OptionalId(Guid? id) => new() { NpgsqlDbType = NpgsqlDbType.Uuid, Value = (object?)id ?? DBNull.Value };

    // COPY would be quicker, but Postgres doesn't allow it into a table with row-level security.
    private static async Task InsertChunksAsync(
        TenantTransaction transaction, Guid importId, UploadedFile file, CancellationToken cancellationToken)
    {
        await using var insert = transaction.CreateCommand(
            "INSERT INTO import_chunks (tenant_id, import_id, number, content) VALUES ($1, $2, $3, $4)");
        insert.Parameters.AddWithValue(transaction.Tenant.Value);
        insert.Parameters.AddWithValue(importId);
        var number = insert.Parameters.Add(new NpgsqlParameter<int>());
        var content = insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bytea });

        var buffer = new byte[ImportFile.ChunkSize];
        var source = file.OpenRead();
        for (var i = 0; ; i++)
        {
            var read = await source.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            if (read == 0)
                return;
            number.Value = i;
            content.Value = new ArraySegment<byte>(buffer, 0, read);
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
