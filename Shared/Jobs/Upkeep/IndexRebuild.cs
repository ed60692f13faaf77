using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Jobs.Engine;

namespace Platform.Jobs.Upkeep;

/// <summary>
/// Rebuilds an index of the hot table that is far larger than its rows account for, beside the running queue: at most one in ten
/// minutes, for five minutes at most. Off when <c>Jobs:ReindexAbove</c> is 0.
/// </summary>
internal sealed class IndexRebuild(JobDatabase database, TimeProvider time, IOptions<JobWorkerOptions> options, ILogger<IndexRebuild> logger)
{
    // An entry of the widest index, with a full lane name, is under 300 bytes; half-full pages are usual, not bloat.
    private const long BytesPerRow = 600;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <returns>The hot table's dead and live rows, and whether a rebuild was broken off.</returns>
    public async Task<(long DeadRows, long LiveRows, bool Unfinished)> SizeAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Writes.CreateCommand(UpkeepSql.Size);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetInt64(0), reader.GetInt64(1), reader.GetBoolean(2)) : default;
    }

    /// <returns>The index that was rebuilt; null for none.</returns>
    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        var (_, rows, unfinished) = await SizeAsync(cancellationToken);
        if (unfinished)
        {
            await using var drop = database.Writes.CreateCommand("SELECT jobs.drop_unfinished_indexes()");
            await drop.ExecuteNonQueryAsync(cancellationToken);
        }

        if (options.Value.ReindexAbove == 0 || await LargestAsync(cancellationToken) is not var (name, bytes)
            || bytes < options.Value.ReindexAbove || bytes < rows * BytesPerRow)
            return null;

        var start = time.GetTimestamp();
        logger.Rebuilding(name, bytes, rows);
        await using var connection = await database.OpenUpkeepAsync(Longest, cancellationToken);
#pragma warning disable CA2100 // The name comes from the catalog and is quoted.
        await using var command = new NpgsqlCommand($"REINDEX INDEX CONCURRENTLY jobs.\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", connection);
#pragma warning restore CA2100
        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException e)
        {
            // Its remains are dropped next time.
            logger.RebuildFailed(e, name);
            return null;
        }

        logger.Rebuilt(name, time.GetElapsedTime(start));
        return name;
    }

    private async Task<(string Name, long Bytes)?> LargestAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Writes.CreateCommand(UpkeepSql.Indexes);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetString(0), reader.GetInt64(1)) : null;
    }
}
