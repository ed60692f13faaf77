using Npgsql;
using Platform.Data.Imports;
using Platform.Data.Placement;
using Platform.Data.Webhooks;
using Platform.Tenancy;

namespace Platform.Worker.Imports;

/// <summary>
/// An import's rows in the tenant's database, as role <c>platform_app</c> under row-level security. Every change is a compare-and-set
/// on the import's cursor (rows done), so of two attempts that run at once only one gets on.
/// </summary>
internal sealed class ImportStore(TenantDatabases databases, WebhookOutbox outbox)
{
    /// <summary>A transaction of the tenant.</summary>
    public async Task<NpgsqlTransaction> BeginAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var connection = await databases.For(tenant).OpenConnectionAsync(cancellationToken);
        try
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var set = new NpgsqlCommand("CALL set_tenant($1)", connection, transaction);
            set.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
            await set.ExecuteNonQueryAsync(cancellationToken);
            return transaction;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Commits; whoever is told of it afterwards finds it, also on a replica.</summary>
    public async Task CommitAsync(NpgsqlTransaction transaction, TenantId tenant, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        await transaction.CommitAsync(cancellationToken);
        await databases.WroteAsync(tenant, connection);
    }

    /// <summary>Marks the import as running and says how far it is; null when there is no such import.</summary>
    public async Task<ImportProgress?> StartAsync(TenantId tenant, Guid import, CancellationToken cancellationToken)
    {
        // An import that failed with its file still there was a job that died and was sent again.
        // Indexes: imports_pkey, import_chunks_pkey.
        const string Sql = """
            UPDATE imports
            SET status = CASE
                    WHEN status = 'queued' OR status = 'failed' AND EXISTS (
                        SELECT FROM import_chunks c WHERE c.tenant_id = $1 AND c.import_id = $2 AND c.number = 0) THEN 'running'
                    ELSE status
                END,
                started_at = coalesce(started_at, now())
            WHERE tenant_id = $1 AND id = $2
            RETURNING status, total_bytes, rows_total, rows_done, imported, rejected
            """;
        await using var batch = CreateBatch(tenant, Sql, new NpgsqlParameter<Guid> { TypedValue = import });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new ImportProgress(
                reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5))
            : null;
    }

    public async Task SetTotalAsync(TenantId tenant, Guid import, long rows, CancellationToken cancellationToken)
    {
        // Index: imports_pkey.
        const string Sql = "UPDATE imports SET rows_total = $3 WHERE tenant_id = $1 AND id = $2";
        await using var batch = CreateBatch(
            tenant, Sql, new NpgsqlParameter<Guid> { TypedValue = import }, new NpgsqlParameter<long> { TypedValue = rows });
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The uploaded file, from its beginning.</summary>
    public Stream OpenFile(TenantId tenant, Guid import) =>
        new ImportFileStream((number, cancellationToken) => ReadPieceAsync(tenant, import, number, cancellationToken));

    /// <summary>Ends the import and drops the file's pieces, unless it has ended or moved meanwhile.</summary>
    /// <param name="rowsDone">The cursor it must have; null for any.</param>
    /// <param name="outgoing">What the tenant's endpoints are told in the same transaction; null for nothing.</param>
    /// <returns>False when it has.</returns>
    public async Task<bool> EndAsync(
        TenantId tenant, Guid import, string status, string? error, long? rowsDone, OutgoingEvent? outgoing, CancellationToken cancellationToken)
    {
        // Indexes: imports_pkey, import_chunks_pkey.
        const string Sql = """
            WITH ended AS (
                UPDATE imports SET status = $3, error = $4, finished_at = now()
                WHERE tenant_id = $1 AND id = $2 AND status IN ('queued', 'running') AND rows_done = coalesce($5, rows_done)
                RETURNING id
            ), dropped AS (
                DELETE FROM import_chunks c USING ended WHERE c.tenant_id = $1 AND c.import_id = ended.id
            )
            SELECT count(*) FROM ended
            """;
        await using var transaction = await BeginAsync(tenant, cancellationToken);
        await using var connection = transaction.Connection!;
        await using var command = new NpgsqlCommand(Sql, connection, transaction);
        command.Parameters.AddWithValue(tenant.Value);
        command.Parameters.AddWithValue(import);
        command.Parameters.AddWithValue(status);
        command.Parameters.Add(new() { Value = (object?)error ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)rowsDone ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint });
        if ((long)(await command.ExecuteScalarAsync(cancellationToken))! != 1)
            return false;
        if (outgoing is not null)
            await outbox.AddAsync(transaction, tenant, [outgoing], cancellationToken);
        await CommitAsync(transaction, tenant, cancellationToken);
        return true;
    }

    /// <summary>Marks the import as failed and keeps its file, so that its job can be sent again.</summary>
    public async Task SetFailedAsync(TenantId tenant, Guid import, string error, CancellationToken cancellationToken)
    {
        // Index: imports_pkey.
        const string Sql = """
            UPDATE imports SET status = 'failed', error = $3, finished_at = now()
            WHERE tenant_id = $1 AND id = $2 AND status IN ('queued', 'running')
            """;
        await using var batch = CreateBatch(
            tenant, Sql, new NpgsqlParameter<Guid> { TypedValue = import }, new NpgsqlParameter<string> { TypedValue = error });
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>One statement of the tenant in one round trip: the setting in front lasts as long as the statement.</summary>
    private NpgsqlBatch CreateBatch(TenantId tenant, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var batch = databases.For(tenant).CreateBatch();
        var set = new NpgsqlBatchCommand("CALL set_tenant($1)");
        set.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        batch.BatchCommands.Add(set);
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        batch.BatchCommands.Add(command);
        return batch;
    }

    private async Task<byte[]?> ReadPieceAsync(TenantId tenant, Guid import, int number, CancellationToken cancellationToken)
    {
        // Index: import_chunks_pkey.
        const string Sql = "SELECT content FROM import_chunks WHERE tenant_id = $1 AND import_id = $2 AND number = $3";
        await using var batch = CreateBatch(
            tenant, Sql, new NpgsqlParameter<Guid> { TypedValue = import }, new NpgsqlParameter<int> { TypedValue = number });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? reader.GetFieldValue<byte[]>(0) : null;
    }
}
