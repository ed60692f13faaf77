using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Platform.Testing;

/// <summary>
/// Collects the commands EF Core sends to one database while it exists, from whatever thread or host of this process, to
/// have them explained by <see cref="ExplainAssert"/>.
/// </summary>
public sealed class SentSql : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly ConcurrentQueue<NpgsqlCommand> _commands = new();
    private readonly ConcurrentBag<IDisposable> _subscriptions = [];
    private readonly string _database;

    /// <param name="database">Name of the test's database: other tests run at the same time.</param>
    public SentSql(string database)
    {
        _database = database;
        _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
    }

    /// <summary>All of them, oldest first.</summary>
    public IReadOnlyCollection<NpgsqlCommand> Commands => _commands;

    /// <summary>Commands that read tables, oldest first.</summary>
    public IReadOnlyList<NpgsqlCommand> Queries =>
        [.. _commands.Where(command => command.CommandText.Contains("FROM ", StringComparison.OrdinalIgnoreCase))];

    public void Dispose()
    {
        foreach (var subscription in _subscriptions)
            subscription.Dispose();
    }

    void IObserver<DiagnosticListener>.OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.EntityFrameworkCore")
            _subscriptions.Add(value.Subscribe(this));
    }

    void IObserver<KeyValuePair<string, object?>>.OnNext(KeyValuePair<string, object?> value)
    {
        // Cloned: the context reuses and disposes its own.
        if (value.Value is CommandEventData { Command: NpgsqlCommand { Connection: { } connection } command }
            && value.Key == RelationalEventId.CommandExecuting.Name && connection.Database == _database)
        {
            _commands.Enqueue(command.Clone());
        }
    }

    void IObserver<DiagnosticListener>.OnCompleted()
    {
    }

    void IObserver<DiagnosticListener>.OnError(Exception error)
    {
    }

    void IObserver<KeyValuePair<string, object?>>.OnCompleted()
    {
    }

    void IObserver<KeyValuePair<string, object?>>.OnError(Exception error)
    {
    }
}
