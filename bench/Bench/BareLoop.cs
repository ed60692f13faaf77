using System.Diagnostics;
using Npgsql;

namespace Platform.Bench;

/// <summary>The least a durable queue can do: lease a batch of 100, then delete it, on one connection. No tenants, no history, no handlers.</summary>
internal static class BareLoop
{
    public static async Task<(double Rate, (double, double) Cost)> RunAsync(string connectionString, int jobs)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxAutoPrepare = 10,
            AutoPrepareMinUsages = 2,
            Options = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off",
        });
        await using var connection = await source.OpenConnectionAsync();
        await ExecuteAsync(connection, """
            DROP TABLE IF EXISTS bare;
            CREATE TABLE bare (id bigint PRIMARY KEY, locked_at timestamptz, payload json NOT NULL) WITH (fillfactor = 50);
            CREATE INDEX bare_ready ON bare (id) WHERE locked_at IS NULL;
            """);
        await ExecuteAsync(connection, $"INSERT INTO bare SELECT n, NULL, json_build_object('number', n) FROM generate_series(1, {jobs}) n");
        await ExecuteAsync(connection, "VACUUM ANALYZE bare");

        var cpu = await CpuMeter.StartAsync(connectionString);
        var start = Stopwatch.GetTimestamp();
        var ids = new List<long>(100);
        for (var done = 0; done < jobs; done += ids.Count)
        {
            ids.Clear();
            await using (var claim = new NpgsqlCommand(
                """
                UPDATE bare SET locked_at = clock_timestamp()
                WHERE id IN (SELECT id FROM bare WHERE locked_at IS NULL ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED)
                RETURNING id, payload
                """, connection))
            await using (var reader = await claim.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync())
                    ids.Add(reader.GetInt64(0));
            }

            await using var complete = new NpgsqlCommand("DELETE FROM bare WHERE id = ANY ($1)", connection);
            complete.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. ids] });
            await complete.ExecuteNonQueryAsync();
        }

        return (jobs / Stopwatch.GetElapsedTime(start).TotalSeconds, cpu.Stop(jobs));
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
        await command.ExecuteNonQueryAsync();
    }
}
