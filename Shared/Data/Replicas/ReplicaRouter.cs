using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Platform.Tenancy;

namespace Platform.Data.Replicas;

/// <summary>
/// Decides, at the last moment and on the very connection that is then used, whether a replica may be read: it receives, and
/// has replayed the tenant's last write. Whatever is in doubt goes to the primary.
/// </summary>
internal sealed partial class ReplicaRouter(WriteFences fences, ReplicaOptions options, TimeProvider time, ILogger<ReplicaRouter> logger)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5), PinnedFor = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<NpgsqlDataSource, long> _avoided = new();
    private readonly ConcurrentDictionary<TenantId, long> _pinned = new();

    /// <returns>Null when the primary has to be read.</returns>
    public async ValueTask<NpgsqlConnection?> OpenAsync(NpgsqlDataSource replica, TenantId tenant, CancellationToken cancellationToken)
    {
        if (IsWithin(_avoided, replica, options.Pause) || IsWithin(_pinned, tenant, PinnedFor))
            return null;
        if (await fences.ReadAsync(tenant, cancellationToken) is not { } needed)
            return null;

        NpgsqlConnection? connection = null;
        try
        {
            connection = await replica.OpenConnectionAsync(cancellationToken);
            var started = time.GetTimestamp();
            while (true)
            {
                var (receives, replayed) = await ReadStateAsync(connection, needed, cancellationToken);
                if (!receives)
                {
                    Avoid(replica, null);
                    return null;
                }
                if (replayed)
                {
                    var ready = connection;
                    connection = null;
                    return ready;
                }
                if (time.GetElapsedTime(started) + Look > options.MaxWait)
                    return null;
                await Task.Delay(Look, time, cancellationToken);
            }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            Avoid(replica, e);
            return null;
        }
        finally
        {
            if (connection is not null)
                await connection.DisposeAsync();
        }
    }

    /// <summary>Tells all processes how far a replica must be. The commit is done: this neither throws nor is cancelled.</summary>
    public async ValueTask WroteAsync(TenantId tenant, NpgsqlConnection connection)
    {
        try
        {
            await using var command = new NpgsqlCommand("SELECT pg_current_wal_insert_lsn()", connection);
            var written = (NpgsqlLogSequenceNumber)(await command.ExecuteScalarAsync(CancellationToken.None))!;
            if (await fences.RaiseAsync(tenant, written))
                return;
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            LogNotFenced(e);
        }
        Pin(tenant);
    }

    public void Pin(TenantId tenant) => _pinned[tenant] = time.GetTimestamp();

    private static async Task<(bool Receives, bool Replayed)> ReadStateAsync(
        NpgsqlConnection connection, NpgsqlLogSequenceNumber needed, CancellationToken cancellationToken)
    {
        // One that lost its primary would not notice that it falls behind; one that was promoted is another history.
        await using var command = new NpgsqlCommand(
            """
            SELECT pg_is_in_recovery() AND EXISTS (SELECT FROM pg_stat_wal_receiver),
                   COALESCE(pg_last_wal_replay_lsn() >= $1, false)
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = needed, NpgsqlDbType = NpgsqlDbType.PgLsn });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetBoolean(0), reader.GetBoolean(1));
    }

    private void Avoid(NpgsqlDataSource replica, Exception? exception)
    {
        _avoided[replica] = time.GetTimestamp();
        LogAvoided(options.Pause.TotalSeconds, exception);
    }

    private bool IsWithin<TKey>(ConcurrentDictionary<TKey, long> since, TKey key, TimeSpan duration)
        where TKey : notnull
    {
        if (!since.TryGetValue(key, out var at))
            return false;
        if (time.GetElapsedTime(at) < duration)
            return true;
        since.TryRemove(new KeyValuePair<TKey, long>(key, at));
        return false;
    }

    [LoggerMessage(6020, LogLevel.Warning, "The read replica can't be used; the primary is read for {Seconds} s")]
    private partial void LogAvoided(double seconds, Exception? exception);

    [LoggerMessage(6021, LogLevel.Warning, "How far the replica must be couldn't be read; this process reads the tenant from the primary")]
    private partial void LogNotFenced(Exception exception);
}
