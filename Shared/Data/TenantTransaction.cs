using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Platform.Data.Webhooks;
using Platform.Tenancy;

namespace Platform.Data;

/// <summary>
/// A unit of work of one tenant: its data, outgoing jobs and idempotency record become visible together, and what
/// others are told (events, cache tags) is told after that.
/// </summary>
public sealed class TenantTransaction : IAsyncDisposable
{
    private readonly IDbContextTransaction _scope;
    private readonly List<Func<CancellationToken, Task>> _beforeCommit = [];
    private readonly List<Func<ValueTask>> _afterCommit = [];
    private (TenantTransaction Transaction, Func<CancellationToken, Task> BeforeCommit)? _joined;

    internal TenantTransaction(IDbContextTransaction scope, NpgsqlTransaction transaction, TenantId tenant)
    {
        _scope = scope;
        Transaction = transaction;
        Tenant = tenant;
    }

    public TenantId Tenant { get; }

    /// <summary>For raw commands, and for <c>IJobQueue.EnqueueAsync</c>.</summary>
    public NpgsqlTransaction Transaction { get; }

    public NpgsqlConnection Connection =>
        Transaction.Connection ?? throw new InvalidOperationException("The transaction has ended.");

    /// <summary>Kept by <see cref="WebhookOutbox"/> until the commit.</summary>
    internal List<OutgoingEvent> OutgoingEvents { get; } = [];

    /// <summary>A raw command inside this transaction.</summary>
    public NpgsqlCommand CreateCommand(string sql) => new(sql, Connection, Transaction);

    /// <summary>The same for rows of the tenant: <c>$1</c> is its id, the others follow.</summary>
    public NpgsqlCommand CreateTenantCommand(string sql, params ReadOnlySpan<object> parameters)
    {
        var command = CreateCommand(sql);
        command.Parameters.AddWithValue(Tenant.Value);
        foreach (var parameter in parameters)
            command.Parameters.AddWithValue(parameter);
        return command;
    }

    /// <summary>Remembers what to store as the last thing in this transaction, in order. Should it throw, nothing is committed.</summary>
    public void BeforeCommit(Func<CancellationToken, Task> action) => _beforeCommit.Add(action);

    /// <summary>
    /// Remembers what to do once the data is visible, in order: tell others, drop cached values. It must not throw and
    /// can't be cancelled, for the commit can't be undone.
    /// </summary>
    public void AfterCommit(Func<ValueTask> action) => _afterCommit.Add(action);

    public async Task CommitAsync(CancellationToken cancellationToken = default)
    {
        foreach (var action in _beforeCommit)
            await action(cancellationToken);
        _beforeCommit.Clear();
        if (_joined is { } joined)
        {
            await joined.BeforeCommit(cancellationToken);
            await joined.Transaction.CommitAsync(cancellationToken);
        }
        await _scope.CommitAsync(cancellationToken);
        foreach (var action in _afterCommit)
            await action();
        _afterCommit.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await _scope.DisposeAsync();
        if (_joined is { } joined)
            await joined.Transaction.DisposeAsync();
    }

    /// <summary>
    /// Takes along a transaction of another database, which is committed as the last thing before this one and ends with it. Between
    /// the two commits a failure can leave the first without the second.
    /// </summary>
    internal void Join(TenantTransaction transaction, Func<CancellationToken, Task> beforeCommit) =>
        _joined = (transaction, beforeCommit);
}
