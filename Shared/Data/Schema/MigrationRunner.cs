using Microsoft.Extensions.Logging;
using Npgsql;

namespace Platform.Data.Schema;

/// <summary>
/// Applies migrations that the database doesn't have yet. One runner at a time: others wait for the advisory lock and
/// then find nothing left to do.
/// </summary>
internal sealed partial class MigrationRunner(ILogger logger)
{
    /// <summary>The advisory lock's key: the ASCII letters "platform".</summary>
    private const long LockKey = 0x706C6174666F726D;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10), Pause = TimeSpan.FromMilliseconds(100);

    /// <param name="connection">An open connection whose current role may create tables; see <see cref="RoleSetup"/>.</param>
    /// <returns>How many migrations were applied.</returns>
    /// <exception cref="MigrationException">An applied file has changed or is unknown here, or a file failed.</exception>
    public async Task<int> RunAsync(
        NpgsqlConnection connection, IReadOnlyList<MigrationSource> sources, CancellationToken cancellationToken)
    {
        await LockAsync(connection, cancellationToken);
        try
        {
            await ExecuteAsync(
                connection,
                """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    source     text NOT NULL,
                    version    integer NOT NULL,
                    name       text NOT NULL,
                    checksum   text NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now(),
                    PRIMARY KEY (source, version))
                """,
                cancellationToken);
            await OlderServers.CompleteAsync(connection, cancellationToken);
            var applied = await ReadAppliedAsync(connection, cancellationToken);
            foreach (var source in sources)
                Verify(source, applied);

            var count = 0;
            foreach (var source in sources)
            {
                foreach (var script in source.Scripts.Where(script => !applied.ContainsKey((source.Name, script.Version))))
                {
                    await ApplyAsync(connection, source.Name, script, cancellationToken);
                    count++;
                }
            }
            return count;
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open)
                await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({LockKey})", CancellationToken.None);
        }
    }

    /// <summary>
    /// Another runner may take long. Asking again and again, because whoever waits inside a statement is waited for by an index
    /// that is built concurrently.
    /// </summary>
    private static async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            await using (var command = new NpgsqlCommand($"SELECT pg_try_advisory_lock({LockKey})", connection))
            {
                if ((bool)(await command.ExecuteScalarAsync(cancellationToken))!)
                    return;
            }
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
                throw new MigrationException("Other migrations of this database have been running for ten minutes; this one gave up waiting.");
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    private static void Verify(MigrationSource source, Dictionary<(string Source, int Version), string> applied)
    {
        foreach (var script in source.Scripts)
        {
            if (applied.TryGetValue((source.Name, script.Version), out var checksum) && checksum != script.Checksum)
            {
                throw new MigrationException(
                    $"Migration {source.Name}/{script.Version:D4}_{script.Name} was applied to this database with other content. " +
                    "An applied file never changes: restore it and put the change into a new file with the next number.");
            }
        }
        var newest = source.Scripts.Count == 0 ? 0 : source.Scripts[^1].Version;
        foreach (var (name, version) in applied.Keys.Where(key => key.Source == source.Name && key.Version <= newest))
        {
            // Versions above the newest known belong to a later release that is being rolled back: expand and contract allows that.
            if (source.Scripts.All(script => script.Version != version))
                throw new MigrationException($"The database has migration {name}/{version:D4}, which this release doesn't know.");
        }
    }

    private async Task ApplyAsync(NpgsqlConnection connection, string source, MigrationScript script, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        try
        {
            await using var transaction = script.IsAtomic ? await connection.BeginTransactionAsync(cancellationToken) : null;
            foreach (var step in script.Steps)
                await ExecuteAsync(connection, step, cancellationToken, timeoutSeconds: 0);
            await using var record = new NpgsqlCommand(
                "INSERT INTO public.schema_migrations (source, version, name, checksum) VALUES ($1, $2, $3, $4)", connection);
            record.Parameters.AddWithValue(source);
            record.Parameters.AddWithValue(script.Version);
            record.Parameters.AddWithValue(script.Name);
            record.Parameters.AddWithValue(script.Checksum);
            await record.ExecuteNonQueryAsync(cancellationToken);
            if (transaction is not null)
                await transaction.CommitAsync(cancellationToken);
        }
        catch (PostgresException exception)
        {
            throw new MigrationException(
                $"Migration {source}/{script.Version:D4}_{script.Name}: {exception.MessageText}. " +
                (script.IsAtomic ? "Nothing of it was applied." : "It can be run again."),
                exception);
        }
        LogApplied(source, script.Version, script.Name, TimeProvider.System.GetElapsedTime(started).TotalMilliseconds);
    }

    private static async Task<Dictionary<(string Source, int Version), string>> ReadAppliedAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var applied = new Dictionary<(string, int), string>();
        await using var command = new NpgsqlCommand("SELECT source, version, checksum FROM public.schema_migrations", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            applied.Add((reader.GetString(0), reader.GetInt32(1)), reader.GetString(2));
        return applied;
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, int timeoutSeconds = 30)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = timeoutSeconds };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(6001, LogLevel.Information, "Applied migration {Source}/{Version:D4}_{Name} in {Milliseconds:F0} ms")]
    private partial void LogApplied(string source, int version, string name, double milliseconds);
}
