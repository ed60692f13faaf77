using Npgsql;
using Platform.Jobs;

namespace Platform.Bench;

/// <summary>
/// Writes the step down, once however often it runs. Fails now and then, and tells when two steps of a lane run at once.
/// </summary>
internal sealed class StepHandler(NpgsqlDataSource dataSource) : IJobHandler<Step>
{
    public async Task<object?> RunAsync(Step payload, JobContext context, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        // A session's lock ends with its process: a killed worker leaves none.
        if (!await ScalarAsync<bool>(connection, "SELECT pg_try_advisory_lock(1, $1)", payload.Lane))
        {
            await ScalarAsync<int>(connection, "INSERT INTO collisions VALUES ($1, $2) RETURNING lane", payload.Lane, payload.Number);
            return null;
        }

        try
        {
#pragma warning disable CA5394 // Chance, not a secret.
            if (Random.Shared.Next(20) == 0)
                throw new InvalidOperationException("A failure by chance, before the step.");
            await ScalarAsync<int>(
                connection,
                "INSERT INTO steps (lane, number) VALUES ($1, $2) ON CONFLICT (lane, number) DO UPDATE SET again = steps.again + 1 RETURNING number",
                payload.Lane, payload.Number);
            if (Random.Shared.Next(20) == 0)
                throw new InvalidOperationException("A failure by chance, after the step.");
#pragma warning restore CA5394
            return null;
        }
        finally
        {
            await ScalarAsync<bool>(connection, "SELECT pg_advisory_unlock(1, $1)", payload.Lane);
        }
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql, params object[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.AddWithValue(parameter);
        return (T)(await command.ExecuteScalarAsync(CancellationToken.None))!;
    }
}
