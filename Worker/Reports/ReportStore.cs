using System.Data;
using Npgsql;
using NpgsqlTypes;
using Platform.Data.Placement;
using Platform.Data.Reports;
using Platform.Tenancy;

namespace Platform.Worker.Reports;

/// <summary>
/// A report's rows in the tenant's database, as role <c>platform_app</c> under row-level security. An attempt raises the row's version when
/// it begins; whatever it writes is written only while the version is still its own, so of two attempts only the later gets on.
/// </summary>
internal sealed class ReportStore(TenantDatabases databases)
{
    /// <summary>Begins anew: what an earlier attempt left is dropped. Indexes: reports_pkey, report_files_pkey.</summary>
    /// <returns>Null when there is no such report; one of another status than running when it has ended.</returns>
    public async Task<StartedReport?> StartAsync(TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await databases.For(tenant).OpenConnectionAsync(cancellationToken);
        await using var batch = CreateBatch(
            connection, tenant, id,
            """
            UPDATE reports SET status = 'running', rows = 0, error = NULL, finished_at = NULL, version = version + 1
            WHERE tenant_id = $1 AND id = $2 AND status IN ('queued', 'running', 'failed')
            """);
        Add(batch, tenant, id,
            """
            DELETE FROM report_files f USING reports r
            WHERE f.tenant_id = $1 AND f.report_id = $2 AND r.tenant_id = $1 AND r.id = $2 AND r.status = 'running'
            """);
        Add(batch, tenant, id, "SELECT kind, title, parameters, status, version, rows FROM reports WHERE tenant_id = $1 AND id = $2");
        StartedReport? report = null;
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            if (await reader.ReadAsync(cancellationToken))
            {
                report = new StartedReport(
                    id, reader.GetString(0), reader.GetString(1), ReportParameters.Parse(reader.GetString(2)), reader.GetString(3),
                    reader.GetInt64(4), reader.GetInt64(5));
            }
        }
        await databases.WroteAsync(tenant, connection);
        return report;
    }

    /// <summary>A connection that sees the tenant's data as of now, however long it reads; disposing it ends that.</summary>
    public async Task<NpgsqlConnection> OpenSnapshotAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var connection = await databases.For(tenant).OpenConnectionAsync(cancellationToken);
        try
        {
            await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            await using var prepare = new NpgsqlCommand("CALL set_tenant($1)", connection);
            prepare.Parameters.AddWithValue(tenant.Value);
            await prepare.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Adds a piece of the file. Indexes: reports_pkey, report_files_pkey.</summary>
    /// <returns>False when the report is no longer this attempt's.</returns>
    public async Task<bool> AddChunkAsync(
        TenantId tenant, StartedReport report, int number, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        // The lock keeps the next attempt from beginning until this piece is there to be dropped.
        await using var connection = await databases.For(tenant).OpenConnectionAsync(cancellationToken);
        await using var batch = CreateBatch(
            connection, tenant, report.Id,
            """
            INSERT INTO report_files (tenant_id, report_id, number, content)
            SELECT tenant_id, id, $4, $5 FROM reports
            WHERE tenant_id = $1 AND id = $2 AND version = $3 AND status = 'running'
            FOR SHARE
            """,
            new NpgsqlParameter<long> { TypedValue = report.Version }, new NpgsqlParameter<int> { TypedValue = number },
            new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bytea, Value = content });
        return await batch.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Index: reports_pkey.</summary>
    /// <returns>False when the report is no longer this attempt's.</returns>
    public async Task<bool> CompleteAsync(
        TenantId tenant, StartedReport report, long rows, string fileName, long bytes, TimeSpan keepFor,
        CancellationToken cancellationToken)
    {
        await using var connection = await databases.For(tenant).OpenConnectionAsync(cancellationToken);
        await using var batch = CreateBatch(
            connection, tenant, report.Id,
            """
            UPDATE reports
            SET status = 'completed', rows = $4, file_name = $5, file_bytes = $6, finished_at = now(), expires_at = now() + $7,
                version = version + 1
            WHERE tenant_id = $1 AND id = $2 AND version = $3
            """,
            new NpgsqlParameter<long> { TypedValue = report.Version }, new NpgsqlParameter<long> { TypedValue = rows },
            new NpgsqlParameter<string> { TypedValue = fileName }, new NpgsqlParameter<long> { TypedValue = bytes },
            new NpgsqlParameter<TimeSpan> { TypedValue = keepFor });
        var isOwn = await batch.ExecuteNonQueryAsync(cancellationToken) == 1;
        await databases.WroteAsync(tenant, connection);
        return isOwn;
    }

    /// <summary>Ends an unfinished report without a file. Indexes: reports_pkey, report_files_pkey.</summary>
    public async Task EndAsync(TenantId tenant, Guid id, string status, string? error, CancellationToken cancellationToken)
    {
        await using var connection = await databases.For(tenant).OpenConnectionAsync(cancellationToken);
        await using var batch = CreateBatch(
            connection, tenant, id,
            """
            UPDATE reports SET status = $3, error = $4, finished_at = now(), version = version + 1
            WHERE tenant_id = $1 AND id = $2 AND status IN ('queued', 'running')
            """,
            new NpgsqlParameter<string> { TypedValue = status },
            new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)error ?? DBNull.Value });
        Add(batch, tenant, id,
            """
            DELETE FROM report_files f USING reports r
            WHERE f.tenant_id = $1 AND f.report_id = $2 AND r.tenant_id = $1 AND r.id = $2 AND r.status <> 'completed'
            """);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await databases.WroteAsync(tenant, connection);
    }

    /// <summary>Statements of the tenant about one report, in one round trip and one transaction.</summary>
    private static NpgsqlBatch CreateBatch(
        NpgsqlConnection connection, TenantId tenant, Guid id, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var batch = connection.CreateBatch();
        var set = new NpgsqlBatchCommand("CALL set_tenant($1)");
        set.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        batch.BatchCommands.Add(set);
        Add(batch, tenant, id, sql, parameters);
        return batch;
    }

    private static void Add(NpgsqlBatch batch, TenantId tenant, Guid id, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        batch.BatchCommands.Add(command);
    }
}
