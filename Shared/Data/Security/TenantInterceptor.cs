using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;
using Platform.Tenancy;

namespace Platform.Data.Security;

/// <summary>
/// Sends the tenant along. A single command gets <c>set_config</c> in front of it: both travel in one round trip and
/// run in one implicit transaction, with which the setting ends. A transaction is given the tenant as it starts.
/// </summary>
internal sealed class TenantInterceptor : DbCommandInterceptor, IDbTransactionInterceptor, IDbConnectionInterceptor
{
    public static readonly TenantInterceptor Instance = new();

    private const string Parameter = "platform_tenant";

    // What set_tenant does, without calling it: a SELECT costs the server half of a CALL. Its row is passed over before the
    // query's own are read; a scalar is the first row there is, so there it has to be the procedure, which returns none.
    private const string Setting = $"SELECT set_config('app.tenant_id', @{Parameter}::text, true);\n";
    private const string SilentSetting = $"CALL set_tenant(@{Parameter});\n";

    private TenantInterceptor()
    {
    }

    public override InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        Prepare(command, eventData);
        return result;
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default)
    {
        Prepare(command, eventData);
        return ValueTask.FromResult(result);
    }

    public override DbDataReader ReaderExecuted(DbCommand command, CommandExecutedEventData eventData, DbDataReader result)
    {
        if (command.Transaction is not null)
            return result;
        try
        {
            result.NextResult();
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <summary>Passes over the setting's own row. The answer has come in one piece: nothing is asked for again.</summary>
    public override async ValueTask<DbDataReader> ReaderExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
    {
        if (command.Transaction is not null)
            return result;
        try
        {
            await result.NextResultAsync(cancellationToken);
            return result;
        }
        catch
        {
            await result.DisposeAsync();
            throw;
        }
    }

    public override InterceptionResult<object> ScalarExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result)
    {
        Prepare(command, eventData, SilentSetting);
        return result;
    }

    public override ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default)
    {
        Prepare(command, eventData, SilentSetting);
        return ValueTask.FromResult(result);
    }

    public override InterceptionResult<int> NonQueryExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
    {
        Prepare(command, eventData);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Prepare(command, eventData);
        return ValueTask.FromResult(result);
    }

    /// <summary>A change outside a transaction is committed when its command has been executed.</summary>
    public override async ValueTask<int> NonQueryExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        if (command.Transaction is null && eventData.Context is PlatformDb db)
            await db.WroteAsync();
        return result;
    }

    public override int NonQueryExecuted(DbCommand command, CommandExecutedEventData eventData, int result)
    {
        if (command.Transaction is null)
            Pin(eventData);
        return result;
    }

    public async Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is PlatformDb db)
            await db.WroteAsync();
    }

    public void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => Pin(eventData);

    /// <summary>A placed tenant's connection is one to its own database. Asked at first use, when the tenant is surely set.</summary>
    public InterceptionResult<DbConnection> ConnectionCreating(
        ConnectionCreatingEventData eventData, InterceptionResult<DbConnection> result) =>
        eventData.Context is PlatformDb { Databases: { HasPlaced: true } databases } db
            ? InterceptionResult<DbConnection>.SuppressWithResult(databases.For(db.Tenant).CreateConnection())
            : result;

    /// <summary>The earliest moment: without a tenant not even a connection is taken.</summary>
    public InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        _ = TenantOf(eventData);
        return result;
    }

    public ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        _ = TenantOf(eventData);
        return ValueTask.FromResult(result);
    }

    public DbTransaction TransactionStarted(DbConnection connection, TransactionEndEventData eventData, DbTransaction result)
    {
        using var command = SetTenant(result, eventData);
        command.ExecuteNonQuery();
        return result;
    }

    public async ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        await using var command = SetTenant(result, eventData);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return result;
    }

    public DbTransaction TransactionUsed(DbConnection connection, TransactionEventData eventData, DbTransaction result)
    {
        using var command = SetTenant(result, eventData);
        command.ExecuteNonQuery();
        return result;
    }

    public async ValueTask<DbTransaction> TransactionUsedAsync(
        DbConnection connection, TransactionEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        await using var command = SetTenant(result, eventData);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return result;
    }

    // Asking Redis would block the thread: this process, at least, doesn't read behind what it wrote.
    private static void Pin(DbContextEventData eventData)
    {
        if (eventData.Context is PlatformDb db)
            db.Databases?.Pin(db.Tenant);
    }

    private static void Prepare(DbCommand command, CommandEventData eventData, string setting = Setting)
    {
        var tenant = TenantOf(eventData);
        if (command.Transaction is not null)
            return;
        command.CommandText = setting + command.CommandText;
        command.Parameters.Add(new NpgsqlParameter<Guid>(Parameter, tenant.Value));
    }

    private static NpgsqlCommand SetTenant(DbTransaction transaction, DbContextEventData eventData)
    {
        // Npgsql sends BEGIN together with this.
        var command = new NpgsqlCommand("SELECT set_config('app.tenant_id', $1::text, true)", (NpgsqlConnection)transaction.Connection!, (NpgsqlTransaction)transaction);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = TenantOf(eventData).Value });
        return command;
    }

    private static TenantId TenantOf(DbContextEventData eventData) =>
        eventData.Context is PlatformDb db ? db.Tenant : throw new InvalidOperationException("Only PlatformDb may use this interceptor.");
}
