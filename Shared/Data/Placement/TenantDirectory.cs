using Npgsql;
using Platform.Data.Schema;
using Platform.Tenancy;

namespace Platform.Data.Placement;

/// <summary>
/// Makes a tenant known in its own database: the rows that everything else there refers to. The common database stays the
/// place where people sign in and where it is decided who may do what; the copies of its users carry no password.
/// </summary>
public static class TenantDirectory
{
    /// <summary>Makes the copy what the common database says; both databases must be of this release. Safe to run again.</summary>
    /// <param name="from">The administrator's connection string of the common database.</param>
    /// <param name="to">That of the tenant's own.</param>
    /// <exception cref="NpgsqlException">One of them can't be reached or written.</exception>
    public static async Task CopyAsync(string from, string to, TenantId tenant, CancellationToken cancellationToken = default)
    {
        await using var source = await OpenAsync(from, cancellationToken);
        await using var target = await OpenAsync(to, cancellationToken);
        await using var reading = await BeginAsync(source, tenant, cancellationToken);
        await using var writing = await BeginAsync(target, tenant, cancellationToken);
        await using var export = new NpgsqlCommand("SELECT directory_export()::text", source);
        var directory = (string)(await export.ExecuteScalarAsync(cancellationToken))!;
        await using var batch = new NpgsqlBatch(target);
        var place = new NpgsqlBatchCommand("INSERT INTO directory_copies (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING");
        place.Parameters.AddWithValue(tenant.Value);
        var import = new NpgsqlBatchCommand("CALL directory_import($1::jsonb)");
        import.Parameters.AddWithValue(directory);
        batch.BatchCommands.Add(place);
        batch.BatchCommands.Add(import);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await writing.CommitAsync(cancellationToken);
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var become = new NpgsqlCommand($"SET ROLE {PlatformRoles.Owner}; SET search_path = public", connection);
        await become.ExecuteNonQueryAsync(cancellationToken);
        return connection;
    }

    private static async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection, TenantId tenant, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var set = new NpgsqlCommand("CALL set_tenant($1)", connection);
        set.Parameters.AddWithValue(tenant.Value);
        await set.ExecuteNonQueryAsync(cancellationToken);
        return transaction;
    }
}
