using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Tenancy;

namespace Platform.Data.Placement;

/// <summary>
/// Keeps the copy of a placed tenant's directory (the tenant itself, its members and roles) in its own database; see
/// <see cref="TenantDirectory"/> for the first one.
/// </summary>
public sealed partial class DirectoryCopies(TenantDatabases databases, ILogger<DirectoryCopies> logger)
{
    /// <summary>
    /// Copies anew, after a change that <see cref="DirectoryDb"/> didn't make. Does nothing for a tenant that isn't placed, and
    /// doesn't throw: the common database has decided; a copy that couldn't be made is made with the next change.
    /// </summary>
    public async Task RefreshAsync(TenantId tenant)
    {
        if (!databases.IsPlaced(tenant))
            return;
        try
        {
            // Its own first, as DirectoryDb does: two who each hold what the other waits for would be one too many.
            await using var own = await databases.For(tenant).OpenConnectionAsync();
            await using var writing = await BeginAsync(own, tenant);
            await using var common = await databases.Common.OpenConnectionAsync();
            await using var reading = await BeginAsync(common, tenant);
            await LockAsync(reading, tenant, CancellationToken.None);
            await CopyAsync(reading, writing, CancellationToken.None);
            await writing.CommitAsync();
            await databases.WroteAsync(tenant, own);
        }
        catch (NpgsqlException exception)
        {
            LogOld(exception);
        }
    }

    /// <summary>One at a time in a tenant, until the transaction ends: a copy must have every change committed before it.</summary>
    internal static async Task LockAsync(NpgsqlTransaction common, TenantId tenant, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 7815264480106))", common.Connection, common);
        command.Parameters.AddWithValue(tenant.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Copies what the first transaction sees, its own changes included.</summary>
    internal static async Task CopyAsync(NpgsqlTransaction common, NpgsqlTransaction own, CancellationToken cancellationToken)
    {
        await using var export = new NpgsqlCommand("SELECT directory_export()::text", common.Connection, common);
        var directory = (string)(await export.ExecuteScalarAsync(cancellationToken))!;
        await using var import = new NpgsqlCommand("CALL directory_import($1::jsonb)", own.Connection, own);
        import.Parameters.AddWithValue(directory);
        await import.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection, TenantId tenant)
    {
        var transaction = await connection.BeginTransactionAsync();
        await using var set = new NpgsqlCommand("CALL set_tenant($1)", connection, transaction);
        set.Parameters.AddWithValue(tenant.Value);
        await set.ExecuteNonQueryAsync();
        return transaction;
    }

    [LoggerMessage(6030, LogLevel.Warning, "A placed tenant's copy of its members and roles couldn't be renewed; it will be with the next change of them")]
    private partial void LogOld(Exception exception);
}
