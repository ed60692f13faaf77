using System.Threading.Channels;
using Npgsql;

namespace Platform.Bench;

/// <summary>
/// How soon the bare loop starts a job: what is left of the latency when a queue does nothing but insert, notify, claim and delete. As the
/// engine it claims without waiting for the disk, and enqueues and deletes durably.
/// </summary>
internal static class BareLatency
{
    public static async Task RunAsync(string connectionString, LatencyRun run)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxAutoPrepare = 10, AutoPrepareMinUsages = 2, NoResetOnClose = true,
        });
        await using (var create = source.CreateCommand(
            """
            CREATE TABLE bare (id bigint PRIMARY KEY, locked_at timestamptz, payload json NOT NULL) WITH (fillfactor = 50);
            CREATE INDEX bare_ready ON bare (id) WHERE locked_at IS NULL
            """))
            await create.ExecuteNonQueryAsync();

        var hints = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        var ends = Channel.CreateUnbounded<long>();
        using var stop = new CancellationTokenSource();
        await using var listener = await source.OpenConnectionAsync();
        listener.Notification += (_, _) => hints.Writer.TryWrite(true);
        await using (var listen = new NpgsqlCommand("LISTEN bare", listener))
            await listen.ExecuteNonQueryAsync();
        var listening = ListenAsync(listener, stop.Token);
        var claiming = ClaimAsync(source, hints.Reader, run, ends.Writer);
        var ending = EndAsync(source, ends.Reader);

        await run.EnqueueAsync(number => EnqueueAsync(source, number));
        await claiming;
        ends.Writer.Complete();
        await ending;
        await stop.CancelAsync();
        await listening;
    }

    private static async Task EnqueueAsync(NpgsqlDataSource source, int number)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        var insert = new NpgsqlBatchCommand("INSERT INTO bare VALUES ($1, NULL, '{}')");
        insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number });
        batch.BatchCommands.Add(insert);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT pg_notify('bare', '')"));
        await batch.ExecuteNonQueryAsync();
    }

    private static async Task ClaimAsync(NpgsqlDataSource source, ChannelReader<bool> hints, LatencyRun run, ChannelWriter<long> ends)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using (var set = new NpgsqlCommand("SET synchronous_commit = off", connection))
            await set.ExecuteNonQueryAsync();
        for (var started = 0; started < run.Count;)
        {
            await hints.ReadAsync();
            await using var claim = new NpgsqlCommand(
                """
                UPDATE bare SET locked_at = clock_timestamp()
                WHERE id IN (SELECT id FROM bare WHERE locked_at IS NULL ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED)
                RETURNING id
                """, connection);
            await using var reader = await claim.ExecuteReaderAsync();
            for (; await reader.ReadAsync(); started++)
            {
                run.Started(reader.GetInt64(0));
                ends.TryWrite(reader.GetInt64(0));
            }
        }
    }

    private static async Task EndAsync(NpgsqlDataSource source, ChannelReader<long> ends)
    {
        await using var connection = await source.OpenConnectionAsync();
        while (await ends.WaitToReadAsync())
        {
            var ids = new List<long>();
            while (ends.TryRead(out var id))
                ids.Add(id);
            await using var delete = new NpgsqlCommand("DELETE FROM bare WHERE id = ANY ($1)", connection);
            delete.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. ids] });
            await delete.ExecuteNonQueryAsync();
        }
    }

    private static async Task ListenAsync(NpgsqlConnection listener, CancellationToken stop)
    {
        try
        {
            while (true)
                await listener.WaitAsync(stop);
        }
        catch (OperationCanceledException)
        {
        }
    }
}
