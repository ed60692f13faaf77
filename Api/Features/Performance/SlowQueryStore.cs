using Npgsql;

namespace Platform.Api.Features.Performance;

/// <summary>Reads what the database says of its statements, by a function that checks and records the operator (0067_slow_queries.sql).</summary>
internal sealed class SlowQueryStore(NpgsqlDataSource dataSource, TimeProvider time)
{
    public const int Most = 50;

    /// <summary>The most costly first.</summary>
    /// <param name="limit">1 to <see cref="Most"/>.</param>
    public async Task<SlowQueries> ListAsync(Guid operatorId, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            SELECT available, query, calls, total_ms, mean_ms, max_ms, row_count, blocks_hit, blocks_read
            FROM operator_slow_queries($1, $2, $3)
            """);
        command.Parameters.AddWithValue(operatorId);
        command.Parameters.AddWithValue(limit);
        command.Parameters.AddWithValue(time.GetUtcNow());
        var queries = new List<SlowQuery>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!reader.GetBoolean(0))
                return new SlowQueries(false, []);
            queries.Add(new SlowQuery(
                reader.GetString(1), reader.GetInt64(2), Milliseconds(3), Milliseconds(4), Milliseconds(5),
                reader.GetInt64(6), reader.GetInt64(7), reader.GetInt64(8)));
        }
        return new SlowQueries(true, queries);

        double Milliseconds(int column) => Math.Round(reader.GetDouble(column), 3);
    }
}
