using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Jobs.Engine;

namespace Platform.Jobs.Upkeep;

/// <summary>Measures the queues at the start of each minute, for the statistics and for the metrics.</summary>
internal sealed class QueueMeasurer(JobDatabase database, JobMetrics metrics, TimeProvider time, IOptions<JobWorkerOptions> options) : LeaderDuty
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    public override async Task RunAsync(CancellationToken lead)
    {
        try
        {
            while (true)
            {
                var pause = await MeasureAsync(lead);
                await Task.Delay(pause > Least ? pause : Least, time, lead);
            }
        }
        finally
        {
            // The next leader tells; two would be added up.
            metrics.Depths([]);
        }
    }

    /// <returns>How long it is to the next minute, by the database's clock.</returns>
    internal async Task<TimeSpan> MeasureAsync(CancellationToken cancellationToken)
    {
        var depths = new List<JobMetrics.QueueDepth>();
        var next = 60d;
        await using var connection = await database.Writes.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        // The one statement that reads the whole table: in its own order, and not in an index's.
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT set_config('enable_seqscan', 'on', true)"));
        var measure = new NpgsqlBatchCommand(UpkeepSql.Measure);
        measure.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. options.Value.Queues.Keys] });
        batch.BatchCommands.Add(measure);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(UpkeepSql.Prune));
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            await reader.NextResultAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                depths.Add(new(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetDouble(3), reader.GetInt64(4)));
                next = reader.GetDouble(5);
            }
        }

        metrics.Depths([.. depths]);
        return TimeSpan.FromSeconds(next);
    }
}
